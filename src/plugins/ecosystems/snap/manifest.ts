import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'

/** Ubuntu's releases, by the base that a snap is built on; `core` is the first. */
const bases: Readonly<Record<string, string>> = {
  core: '16.04',
  core18: '18.04',
  core20: '20.04',
  core22: '22.04',
  core24: '24.04',
  core26: '26.04',
}

/** What snapcraft wrote down of how a snap was made (`snap/manifest.yaml`): the packages of Ubuntu of which files are in it. */
export const manifest = {
  id: 'snap/manifest',
  version: 1,
  title: 'Packages of Ubuntu in snaps',
  names: ['manifest.yaml'],
  wants: ({ path }) => path === 'snap/manifest.yaml' || path.endsWith('/snap/manifest.yaml'),
  async read(file) {
    const told = await parseYaml(await file.text())
    if (!isRecord(told)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the manifest of a snap']) }
    // Without a base it is built on `core`.
    const base = textOf(told, 'base') ?? 'core'
    const release = Object.hasOwn(bases, base) ? bases[base] : undefined
    const problems: string[] = []
    const components = new Map<string, Component>()
    for (const text of stagedIn(told)) {
      const component = ofUbuntu(text, release)
      if (component === undefined) problems.push(`expected "name=version" of a package, got ${quoted(text)}`)
      else components.set(component.purl, component)
    }
    const occurrences = [...components.values()].map((component) => ({ component, at: { path: file.path }, extractor: this.id }))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Of all parts together, or of each, as older ones have it. */
function stagedIn(told: Readonly<Record<string, unknown>>): readonly string[] {
  const parts = told['parts']
  const ofParts = namesIn(parts).map((name) => (isRecord(parts) && isRecord(parts[name]) ? parts[name]['stage-packages'] : undefined))
  return [told['primed-stage-packages'], ...ofParts]
    .flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
    .filter((one) => typeof one === 'string')
}

/** Without a release nobody's advisories judge it; it is not of the system that the snap lies on. */
function ofUbuntu(text: string, release: string | undefined): Component | undefined {
  const [, name, arch, version] = /^([a-z0-9][a-z0-9+.-]{0,200})(?::(\w{1,40}))?=([0-9][\w.+:~-]{0,200})$/.exec(text.slice(0, 512)) ?? []
  if (name === undefined || version === undefined) return undefined
  return {
    purl: purlOf('deb', 'ubuntu', name, version),
    ...{ type: 'deb', name, version, distro: release === undefined ? 'ubuntu' : `ubuntu:${release}` },
    ...(arch !== undefined && { arch }),
  }
}
