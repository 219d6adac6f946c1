import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Component, OperatingSystem } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { programComponent, updateComponent } from './component.ts'
import { exportText, registryKeys, startsAsExport, type RegistryKey } from './registry-text.ts'

/** Of all users, of one, and of 32-bit programs on 64 bits (learn.microsoft.com, "Uninstall Registry Key"). */
const UNINSTALL = /\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\([^\\]+)$/i
const SYSTEM = /^HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion$/i

/** An export of the registry (`reg export`, Regedit): the programs that Windows lists as installed, their updates, and which Windows it is. */
export const registryExport = {
  id: 'windows/registry-export',
  version: 1,
  title: 'Exports of the Windows registry',
  alone: true,
  names: ['*.reg', '*.REG'],
  wants: ({ path }) => /\.(?:reg|REG)$/.test(path),
  starts: startsAsExport,
  async read(file) {
    const problems: string[] = []
    const components = new Map<string, Component>()
    let os: OperatingSystem | undefined
    for (const key of registryKeys(exportText(await file.bytes()), (line) => problems.push(`line ${line}: expected a key or a value`))) {
      if (SYSTEM.test(key.path)) os = systemOf(key) ?? os
      if (!UNINSTALL.test(key.path)) continue
      const component = installedAt(key, problems)
      if (component !== undefined) components.set(component.purl, component)
    }
    // An export of something else, however broken, tells nothing of what is installed.
    if (components.size === 0 && os === undefined && !problems.some((reason) => reason.startsWith('"')))
      return { occurrences: [], gaps: [] }
    const occurrences = [...components.values()].map((component) => ({ component, at: { path: file.path }, extractor: this.id }))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems), ...(os && { os }) }
  },
} satisfies Extractor

/** A key without a name to show is no program: parts of Windows have such. */
function installedAt({ path, values }: RegistryKey, problems: string[]): Component | undefined {
  const text = (name: string) => {
    const value = values.get(name)
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const name = text('displayname')
  if (name === undefined) return undefined
  // Updates are listed under the program they belong to.
  const update = text('parentkeyname') === undefined && text('releasetype') === undefined ? undefined : updateComponent(name)
  if (update !== undefined) return update
  const version = text('displayversion')
  const component = version === undefined ? undefined : programComponent(name, version, text('publisher'))
  if (component === undefined)
    problems.push(
      `${quoted(name)} (${quoted(path.slice(path.lastIndexOf('\\') + 1))}): expected a version, got ${version === undefined ? 'none' : quoted(version)}`,
    )
  return component
}

/** Since Windows 10 its version stands in two numbers, before that (`6.3`) in a text; build and revision follow. */
function systemOf({ values }: RegistryKey): OperatingSystem | undefined {
  const [name, build, revision] = [values.get('productname'), values.get('currentbuild'), values.get('ubr')]
  const [major, minor, former] = [
    values.get('currentmajorversionnumber'),
    values.get('currentminorversionnumber'),
    values.get('currentversion'),
  ]
  if (typeof name !== 'string' || typeof build !== 'string' || !/^\d{1,6}$/.test(build)) return undefined
  const release = typeof major === 'number' && typeof minor === 'number' ? `${major}.${minor}` : former
  if (typeof release !== 'string' || !/^\d{1,3}\.\d{1,3}$/.test(release)) return undefined
  return {
    id: 'windows',
    version: [release, build, ...(typeof revision === 'number' ? [revision] : [])].join('.'),
    name: name.slice(0, 200),
  }
}
