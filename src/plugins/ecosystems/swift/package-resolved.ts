import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { registryComponent, swiftComponent } from './component.ts'

type Fields = Readonly<Record<string, unknown>>

/** Checkouts of other packages, with locks of their own development. */
const INSIDE = /(?:^|\/)(?:\.build|SourcePackages|checkouts)\//

/**
 * What Swift's package manager resolved (docs.swift.org, "Resolving and updating dependencies"): `Package.resolved` of versions 1 to 3,
 * also inside Xcode's projects. What asks for what, and for what it is there, it does not say.
 */
export const packageResolved = {
  id: 'swift/package-resolved',
  version: 1,
  title: 'Package.resolved',
  names: ['Package.resolved'],
  wants: ({ path }) => (path === 'Package.resolved' || path.endsWith('/Package.resolved')) && !INSIDE.test(path),
  async read(file) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems: string[] = []
    if (![1, 2, 3].includes(Number(lock['version'])))
      problems.push(`expected version 1, 2 or 3, got ${JSON.stringify(lock['version'] ?? null).slice(0, 80)}`)
    const pins = isRecord(lock['object']) ? lock['object']['pins'] : lock['pins']
    if (!Array.isArray(pins)) problems.push('expected a list of pins')
    const found = new Map<string, Occurrence>()
    for (const pin of Array.isArray(pins) ? (pins as readonly unknown[]) : []) {
      const component = isRecord(pin) ? componentOf(pin) : undefined
      if (component === 'own') continue
      if (component === undefined) problems.push(`expected the place and the version of a package, got ${quoted(JSON.stringify(pin))}`)
      else found.set(component.purl, { component, at: { path: file.path }, extractor: this.id })
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** One without a version follows a branch or a commit: the commit is what is known then, and has no order. */
function componentOf(pin: Fields): Component | 'own' | undefined {
  const state = isRecord(pin['state']) ? pin['state'] : {}
  const version = textOf(state, 'version') ?? textOf(state, 'revision')
  const kind = textOf(pin, 'kind')
  if (kind === 'localSourceControl' || kind === 'fileSystem') return 'own'
  if (version === undefined) return undefined
  if (kind === 'registry') return registryComponent(textOf(pin, 'identity') ?? '', version)
  return swiftComponent(textOf(pin, 'location') ?? textOf(pin, 'repositoryURL') ?? '', version)
}
