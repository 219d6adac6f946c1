import type { Component } from '../model/component.ts'
import type { AdvisoryKey, Ecosystem, Extractor, VersionScheme } from '../model/seams.ts'
import { ecosystems } from '../plugins/ecosystems/index.ts'
import { schemes } from '../plugins/schemes/index.ts'

/** What core asks of the open sets; core itself knows no unit. */

export const extractors: readonly Extractor[] = ecosystems.flatMap((ecosystem) => ecosystem.extractors)

/** Names what looked: stored with an observation, so that a new version looks again. */
export const extractorVersions: string = extractors
  .map(({ id, version }) => `${id}@${version}`)
  .toSorted()
  .join(' ')

/** Names who says where a component is judged: with another, stored components are asked again. */
export const ecosystemVersions: string = ecosystems
  .map(({ id, version }) => `${id}@${version}`)
  .toSorted()
  .join(' ')

/** OSV ecosystem families that somebody here can judge. */
export const families: readonly string[] = ecosystems.flatMap((ecosystem) => ecosystem.families)

const byType = new Map(ecosystems.flatMap((ecosystem) => ecosystem.purlTypes.map((type) => [type, ecosystem] as const)))
const byFamily = new Map(ecosystems.flatMap((ecosystem) => ecosystem.families.map((family) => [family, ecosystem] as const)))
const schemeById = new Map(schemes.map((scheme) => [scheme.id, scheme]))

/** Where the advisories of a component are looked up; undefined: nobody judges it, or it has no version to judge. */
export const keyOf = (component: Component): AdvisoryKey | undefined =>
  component.version === '' ? undefined : byType.get(component.type)?.advisoryKey(component)

/** `Debian:12` to `Debian`: OSV's ecosystem without its release, as its bulk files are named. */
export const familyOf = (ecosystem: string): string => ecosystem.split(':', 1)[0] ?? ecosystem

/** The unit that judges an OSV ecosystem; undefined: none of ours does. */
export const ecosystemOf = (ecosystem: string): Ecosystem | undefined => byFamily.get(familyOf(ecosystem))

/** The order in which advisories of an OSV ecosystem are written. */
export function schemeOf(ecosystem: string): VersionScheme | undefined {
  const unit = ecosystemOf(ecosystem)
  return unit && schemeById.get(unit.scheme)
}
