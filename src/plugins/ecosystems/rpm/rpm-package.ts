import { readRpmHeader, rpmTags, type RpmHeader } from '../../../formats/rpm-header.ts'
import { rpmPurl, sourceEpochOf, sourceOfRpm } from '../../../formats/rpm-name.ts'
import type { PathBudget } from '../../../formats/path-budget.ts'
import { neededBy, type Requiring } from '../../../formats/requirements.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extracted } from '../../../model/seams.ts'

/** What is said of one installed package, before it is known what was built from the same source. */
export type RpmPackage = {
  readonly name: string
  /** `[epoch:]version-release`, no epoch where it is 0. */
  readonly evr: string
  readonly arch?: string | undefined
  /** Name of the source package's file. */
  readonly sourceRpm?: string | undefined
  readonly vendor?: string | undefined
  /** `name:stream:version:context`. */
  readonly modularityLabel?: string | undefined
  readonly licence?: string | undefined
  /** Names of packages, of what they provide (`libc.so.6()(64bit)`), and paths. */
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  readonly files: readonly string[]
}

/** No text of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024
/** Keys that signed packages, kept in the database as packages without files. */
const KEY = 'gpg-pubkey'
const DIRECTORY = 0o040000
const FORMAT = 0o170000

/** The package of one header of the database; undefined: a key. Throws an Error that says what is wrong with it. */
export function packageOf(blob: Uint8Array, budget: PathBudget): RpmPackage | undefined {
  const header = readRpmHeader(blob)
  const text = (tag: number) => header.string(tag)
  const name = text(rpmTags.name)
  if (name === KEY) return undefined
  const evr = evrOf(header.numbers(rpmTags.epoch)[0], text(rpmTags.version), text(rpmTags.release))
  return {
    ...checked(name, evr),
    arch: word(text(rpmTags.arch)),
    sourceRpm: word(text(rpmTags.sourceRpm)),
    vendor: short(text(rpmTags.vendor)),
    modularityLabel: word(text(rpmTags.modularityLabel)),
    licence: short(text(rpmTags.licence)),
    requires: header.strings(rpmTags.requires),
    provides: header.strings(rpmTags.provides),
    files: filesOf(header, budget),
  }
}

export function evrOf(epoch: number | undefined, version: string | undefined, release: string | undefined): string {
  return `${epoch === undefined || epoch === 0 ? '' : `${epoch}:`}${version ?? ''}-${release ?? ''}`
}

/** Throws where name or version cannot be one: a package has both, printable and without blanks. */
export function checked(name: string | undefined, evr: string): { readonly name: string; readonly evr: string } {
  if (word(name) === undefined || name === undefined || name.includes('/')) throw new Error('expected a name, printable and without blanks')
  if (word(evr) === undefined || !/^(?:\d+:)?[^-]+-[^-]+$/.test(evr))
    throw new Error(`${name}: expected a version and a release, printable and without blanks`)
  return { name, evr }
}

const word = (text: string | undefined) => (text !== undefined && text.length < LONGEST && /^[!-~]+$/.test(text) ? text : undefined)
const short = (text: string | undefined) => (text === undefined || text === '' || text.length >= LONGEST ? undefined : text.toWellFormed())

/** Files without the folders, without a leading slash. */
function filesOf(header: RpmHeader, budget: PathBudget): readonly string[] {
  const modes = header.numbers(rpmTags.fileModes)
  const folders = header.strings(rpmTags.dirNames)
  const indexes = header.numbers(rpmTags.dirIndexes)
  const old = header.strings(rpmTags.oldFileNames)
  const names = old.length > 0 ? old : header.strings(rpmTags.baseNames)
  return names.flatMap((name, at) => {
    if (((modes[at] ?? 0) & FORMAT) === DIRECTORY) return []
    return budget.join(old.length > 0 ? '' : (folders[indexes[at] ?? -1] ?? ''), name) ?? []
  })
}

/** Vendors that are distributions: what they built is theirs to judge. */
const distributors =
  /^(?:Red Hat|CentOS|AlmaLinux|Rocky|Fedora|Oracle America|Amazon|SUSE|openSUSE|VMware|Microsoft|Mageia|openEuler|Scientific Linux|CloudLinux|EuroLinux|Virtuozzo|TencentOS|OpenCloudOS|Anolis|Alibaba|Kylin|NTT|OpenMandriva|ROSA|ALT Linux|Wind River|Photon|obs:\/\/build\.(?:suse\.de|opensuse\.org))/i

/** Occurrences and file owners of all packages of one database. */
export function installed(packages: readonly RpmPackage[], path: string, extractor: string): Pick<Extracted, 'occurrences' | 'owned'> {
  const epochs = sourceEpochs(packages)
  const requiring = packages.map((one): Requiring => {
    const { name, requires, provides, files } = one
    return { purl: purlOfPackage(one), name, requires, provides, files }
  })
  const needs = neededBy(requiring)
  const occurrences = packages.map((one, at): Occurrence => {
    const source = one.sourceRpm === undefined ? undefined : sourceOfRpm(one.sourceRpm, one.evr, epochs)
    const { arch } = one
    const needed = needs(requiring[at]!)
    return {
      component: {
        purl: purlOfPackage(one),
        type: 'rpm',
        name: one.name,
        version: one.evr,
        ...(arch !== undefined && { arch }),
        ...(source !== undefined && { source }),
      },
      at: { path },
      extractor,
      ...(needed.length > 0 && { dependsOn: needed }),
      ...(one.licence !== undefined && { licences: [one.licence] }),
    }
  })
  const owned = packages.filter(({ files }) => files.length > 0).map(({ name, files }) => ({ owner: name, paths: files }))
  return { occurrences, owned }
}

function purlOfPackage({ name, evr, arch, modularityLabel, vendor }: RpmPackage): string {
  const foreign = vendor !== undefined && !distributors.test(vendor) ? vendor : undefined
  return rpmPurl(undefined, name, evr, { arch, rpmmod: modularityLabel, vendor: foreign })
}

/** Epochs of source packages by their file, as packages of the source's own version tell them. */
function sourceEpochs(packages: readonly RpmPackage[]): ReadonlyMap<string, string> {
  const epochs = new Map<string, string>()
  for (const { sourceRpm, evr } of packages) {
    const epoch = sourceRpm === undefined ? undefined : sourceEpochOf(sourceRpm, evr)
    const held = sourceRpm === undefined ? undefined : epochs.get(sourceRpm)
    // A subpackage may have an epoch of its own: the answer must not depend on the order.
    if (sourceRpm !== undefined && epoch !== undefined && (held === undefined || epoch < held)) epochs.set(sourceRpm, epoch)
  }
  return epochs
}
