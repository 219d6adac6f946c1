import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import { nugetComponent } from './component.ts'

/** A package of one target framework: its key or name, and the record that says what it needs. */
export type Entry = { readonly name: string; readonly version: string; readonly record: Readonly<Record<string, unknown>> }

/** `Name/1.2.3`, as .NET's JSON files write a library. */
export function nameAndVersion(key: string): readonly [name: string, version: string] {
  const slash = key.indexOf('/')
  return slash < 0 ? [key, ''] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** SHA-512 in base64, as NuGet writes it, as `sha512:<hex>`; undefined for anything else. */
export function sha512Of(text: string | undefined): string | undefined {
  const bytes = text === undefined || text.length > 128 ? undefined : Buffer.from(text.replace(/^sha512-/, ''), 'base64')
  return bytes?.length === 64 ? `sha512:${bytes.toString('hex')}` : undefined
}

/**
 * One occurrence for each package and version, though several target frameworks list it. What it needs is linked by name
 * inside its own framework. `about` adds what only the format at hand knows.
 */
export function occurrencesOf(
  { at, extractor }: Pick<Occurrence, 'at' | 'extractor'>,
  frameworks: readonly (readonly Entry[])[],
  about: (entry: Entry, component: Component) => Pick<Occurrence, 'direct' | 'hashes' | 'scope'>,
  problems: string[],
): readonly Occurrence[] {
  const found = new Map<string, { occurrence: Occurrence; needs: Set<string> }>()
  for (const entries of frameworks) {
    const byName = new Map<string, Component>()
    const listed: { entry: Entry; component: Component }[] = []
    for (const entry of entries) {
      const component = entry.version === '' ? undefined : nugetComponent(entry.name, entry.version)
      if (component === undefined) {
        problems.push(`${quoted(entry.name)}: expected the name and the version of a NuGet package`)
        continue
      }
      byName.set(entry.name.toLowerCase(), component)
      listed.push({ entry, component })
    }
    for (const { entry, component } of listed) {
      const more = about(entry, component)
      const held = found.get(component.purl) ?? { occurrence: { component, at, extractor, ...more }, needs: new Set<string>() }
      if (more.direct === true) held.occurrence = { ...held.occurrence, direct: true }
      for (const name of namesIn(entry.record['dependencies'])) {
        const needed = byName.get(name.toLowerCase())
        if (needed) held.needs.add(needed.purl)
      }
      found.set(component.purl, held)
    }
  }
  return [...found.values()].map(({ occurrence, needs }) =>
    needs.size === 0 ? occurrence : { ...occurrence, dependsOn: [...needs].sort() },
  )
}

/** The members of an object that are objects; what is not is told. */
export function recordsOf(
  value: unknown,
  named: string,
  problems: string[],
): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (value === undefined) return []
  if (!isRecord(value)) {
    problems.push(`expected an object in ${named}`)
    return []
  }
  return Object.entries(value).flatMap(([key, record]) => {
    if (isRecord(record)) return [[key, record] as const]
    problems.push(`${named}: expected an object for ${quoted(key)}`)
    return []
  })
}

/** `type` of a library or a locked package, in lower case. */
export const kindOf = (record: Readonly<Record<string, unknown>>): string => (textOf(record, 'type') ?? '').toLowerCase()
