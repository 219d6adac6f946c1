import {
  osFiles,
  systemTypes,
  typesOfSystems,
  type Component,
  type Gap,
  type Occurrence,
  type OperatingSystem,
} from '../../model/component.ts'
import type { Extracted } from '../../model/seams.ts'
import { limits as defaults, type Limits } from '../../kit/limits.ts'
import { ancestorsOf, depthOf, fileOf, parentOf } from '../../kit/paths.ts'
import { unknownPrograms } from './unknown-programs.ts'

/** Steps of the path of a file that is none of a system's own and still tells which it is. */
const EXPORT_DEPTH = 2

/** What one extractor made of one file of the resource. */
export type Extraction = Extracted & { readonly extractor: string; readonly path: string }

/** All that was found in one resource, sorted, every occurrence stamped with distribution and owner. */
export type Inventory = { readonly occurrences: readonly Occurrence[]; readonly gaps: readonly Gap[]; readonly os?: OperatingSystem }

/** Puts together what was found file by file. The same extractions in any order give the same inventory. */
export function settleInventory(
  extractions: readonly Extraction[],
  gaps: readonly Gap[],
  limits: Pick<Limits, 'gaps'> = defaults,
): Inventory {
  const told = operatingSystem(extractions)
  const os = told?.os
  const seen = extractions.flatMap((extraction) => extraction.gaps)
  const ofOthers = extractions.flatMap((extraction) => extraction.occurrences).filter(isOfOthers)
  const programs = extractions.filter(({ program }) => program)
  const owners = ownersOf(extractions, [...ofOthers.map(({ at }) => at.path), ...[...seen, ...programs].map(({ path }) => path)])
  const isOwned = (path: string) => owners.has(ownable(path))
  const occurrences = withoutResolved(
    // What a program says of the package it was built for, the package database knows better.
    extractions.flatMap((one) => (one.program && isOwned(one.path) ? one.occurrences.filter(isOfOthers) : one.occurrences)),
    os !== undefined,
  )
  const stamped = occurrences.map((occurrence): Occurrence => {
    const { component, at } = occurrence
    if (systemTypes.has(component.type)) return os === undefined ? occurrence : inDistribution(occurrence, os)
    const owner = owners.get(ownable(at.path))
    return owner === undefined ? occurrence : { ...occurrence, ownedBy: owner }
  })
  return {
    occurrences: sortOccurrences(stamped),
    gaps: boundGaps(
      [
        ...gaps,
        // What a package of the system owns is judged through that package, whether or not we can read it.
        ...seen.filter(({ path }) => !isOwned(path)),
        ...unknownPackages(told, extractions),
        ...unknownPrograms(extractions, occurrences, isOwned),
        ...nothingRead(extractions, gaps),
      ],
      limits.gaps,
    ),
    ...(os !== undefined && { os }),
  }
}

/**
 * Without what is only declared and was found in some version: below the manifest's folder, or, on a whole system, anywhere. Where it
 * was not, its version is unknown, and that stays.
 */
function withoutResolved(occurrences: readonly Occurrence[], wholeSystem: boolean): readonly Occurrence[] {
  const declared = occurrences.filter(({ scope }) => scope === 'declared')
  if (declared.length === 0) return occurrences
  /** For each wanted name the folders above the places where it was found. */
  const found = new Map(declared.map(({ component }) => [nameOf(component), new Set<string>()]))
  for (const { component, at, scope } of occurrences) {
    const folders = scope === 'declared' ? undefined : found.get(nameOf(component))
    if (folders !== undefined) for (const folder of ['', ...ancestorsOf(at.path)]) folders.add(folder)
  }
  return occurrences.filter(({ component, at, scope }) => {
    if (scope !== 'declared') return true
    return found.get(nameOf(component))?.has(wholeSystem ? '' : parentOf(fileOf(at.path))) !== true
  })
}

const isOfOthers = ({ component }: Occurrence): boolean => !systemTypes.has(component.type)
const nameOf = ({ type, name }: Component): string => `${type} ${name}`

/** By type, name, version, path, architecture, layer and extractor; what is told twice is kept once. */
export function sortOccurrences(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const keyed = new Map(occurrences.map((occurrence) => [occurrenceKey(occurrence), occurrence]))
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, occurrence]) => occurrence)
}

/** Orders occurrences, and tells them apart. */
export const occurrenceKey = ({ component: c, at, extractor, ...more }: Occurrence): string =>
  [
    ...[c.type, c.name, c.version, at.path, c.arch, at.layer, extractor, c.purl, c.distro, c.source?.name, c.source?.version],
    ...[more.scope, more.ownedBy, more.direct, more.dependsOn?.join(' ')],
    ...[more.requirement, more.licences?.join(' '), more.hashes?.join(' ')],
  ].join('\0')

/** What the most exact of the files says. */
function operatingSystem(extractions: readonly Extraction[]): Extraction | undefined {
  const rank = ({ path }: Extraction) => (osFiles.includes(path) ? osFiles.indexOf(path) : osFiles.length)
  // An export is one of what it lies in at the top, and further down of anything.
  const tells = ({ os, path }: Extraction) => os !== undefined && (osFiles.includes(path) || depthOf(path) <= EXPORT_DEPTH)
  return extractions.filter(tells).sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))[0]
}

/** A system without packages is one whose package database we cannot read, or did not find: that must not look like nothing to fix. */
function unknownPackages(told: Extraction | undefined, extractions: readonly Extraction[]): readonly Gap[] {
  const isDatabase = ({ program, occurrences }: Extraction) =>
    !program &&
    occurrences.some(({ component: { type, distro } }) =>
      // what names its distribution itself is of another one, brought along
      systemTypes.has(type) ? distro === undefined : type === typesOfSystems[told?.os?.id ?? ''],
    )
  if (told?.os === undefined || extractions.some(isDatabase)) return []
  const name = told.os.name ?? [told.os.id, told.os.version].filter(Boolean).join(' ')
  return [
    {
      path: told.path,
      extractor: told.extractor,
      reason: `this is ${name}, but no package database of it could be read: its packages are unknown`,
    },
  ]
}

/** Where no file was of a kind that is read (a disk that is not mounted, a program in one file): that must not look like nothing to fix. */
function nothingRead(extractions: readonly Extraction[], gaps: readonly Gap[]): readonly Gap[] {
  if (extractions.length > 0 || gaps.length > 0) return []
  return [{ path: '', extractor: 'tree', reason: 'nothing was found here that tells what is installed: what it holds is unknown' }]
}

/** A package of the operating system, and those of its kind that it needs, as the distribution's. */
function inDistribution(occurrence: Occurrence, os: OperatingSystem): Occurrence {
  const { component, dependsOn } = occurrence
  if (component.distro !== undefined) return occurrence
  const distro = os.version === undefined ? os.id : `${os.id}:${os.version}`
  return {
    ...occurrence,
    component: { ...component, distro, purl: namespaced(component.purl, os) },
    ...(dependsOn && { dependsOn: dependsOn.map((purl) => (purl.startsWith(`pkg:${component.type}/`) ? namespaced(purl, os) : purl)) }),
  }
}

/** The purl's namespace of a distribution's package is the distribution (purl specification, types deb, rpm, apk, alpm); of an ebuild it is the category. */
function namespaced(purl: string, os: OperatingSystem): string {
  if (purl.startsWith('pkg:ebuild/')) return purl
  return purl.replace(/^pkg:([^/]+)\/(?:[^/@]+\/)?([^/]+)$/, `pkg:$1/${encodeURIComponent(os.id)}/$2`)
}

/** Owner by path, for the given paths alone: a system owns hundreds of thousands of files. */
function ownersOf(extractions: readonly Extraction[], paths: readonly string[]): ReadonlyMap<string, string> {
  const asked = new Set(paths.map(ownable))
  const owners = new Map<string, string>()
  for (const { owner, paths: owned } of extractions.flatMap((extraction) => extraction.owned ?? [])) {
    for (const path of owned) {
      const key = mergedUsr(path)
      if (!asked.has(key)) continue
      // Two packages may name one file (a diversion): the first by name, so that the answer does not depend on order.
      const held = owners.get(key)
      if (held === undefined || owner < held) owners.set(key, owner)
    }
  }
  return owners
}

/** What lies inside an archive belongs to whoever owns the archive. */
const ownable = (path: string): string => mergedUsr(fileOf(path))

/**
 * One name for a file that may be written with or without `/usr`: on a system with merged `/usr` dpkg's lists keep saying
 * `/lib/x` where the file is `/usr/lib/x`.
 */
export function mergedUsr(path: string): string {
  return path.replace(/^usr\/(?=(?:s?bin|lib|lib32|lib64|libx32)\/)/, '')
}

/** Sorted, without repeats, at most `most` and then one that counts the others: many broken files must not drown the rest. */
function boundGaps(gaps: readonly Gap[], most: number): readonly Gap[] {
  const keyed = new Map(gaps.map((gap) => [[gap.path, gap.extractor, gap.reason].join('\0'), gap]))
  const sorted = [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, gap]) => gap)
  if (sorted.length <= most) return sorted
  return [...sorted.slice(0, most), { path: '', extractor: 'tree', reason: `${sorted.length - most} more gaps are not listed` }]
}
