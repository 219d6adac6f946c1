import type { SourcePackage } from '../model/component.ts'
import { purlOf } from './purl.ts'

/** What a purl says of an rpm package beside its name and version. */
export type RpmQualifiers = {
  readonly arch?: string | undefined
  /** Modularity label, `name:stream:version:context`. */
  readonly rpmmod?: string | undefined
  readonly vendor?: string | undefined
}

/** Purl of an rpm package; the epoch is a qualifier (purl specification, type rpm). */
export function rpmPurl(namespace: string | undefined, name: string, evr: string, qualifiers: RpmQualifiers): string {
  const [, epoch, version = evr] = /^(\d+):(.*)$/s.exec(evr) ?? []
  const given = Object.entries({ ...qualifiers, epoch: Number(epoch) > 0 ? epoch : undefined })
  const kept = given.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value] as const]))
  return purlOf('rpm', namespace, name, version, Object.fromEntries(kept))
}

/**
 * `openssl-3.0.7-27.el9.src.rpm`, of a package of the given version: its source. The file's name has no epoch. A package of the
 * source's own version has its epoch, too; of another (`nspr`, built from `nss`) `epochs` may tell by the file, and writes even
 * 0 then. What is left without one has an unknown epoch.
 */
export function sourceOfRpm(file: string, evr: string, epochs: ReadonlyMap<string, string> = new Map()): SourcePackage | undefined {
  const [, name, version] = /^([^\s/]+)-([^\s/-]+-[^\s/-]+)\.(?:no)?src\.rpm$/.exec(file) ?? []
  if (name === undefined || version === undefined) return undefined
  const own = versionOf(evr) === versionOf(version)
  const epoch = own ? epochOf(evr) : epochs.get(file)
  return { name, version: epoch === undefined || (own && epoch === '0') ? version : `${epoch}:${version}` }
}

/** The epoch of the source, where a package tells it by having the source's own version. */
export function sourceEpochOf(file: string, evr: string): string | undefined {
  const source = sourceOfRpm(file, evr)
  return source !== undefined && versionOf(source.version) === versionOf(evr) ? epochOf(evr) : undefined
}

/** Can the source's version be compared with others? A wrong epoch would decide wrongly. */
export function isEpochKnown(source: SourcePackage, evr: string): boolean {
  return source.version.includes(':') || versionOf(source.version) === versionOf(evr)
}

const epochOf = (evr: string): string => /^(\d+):/.exec(evr)?.[1] ?? '0'
const versionOf = (evr: string): string => /^(?:\d+:)?(.*?)(?:-[^-]*)?$/s.exec(evr)?.[1] ?? evr

/** Was the package built for a module? The release says so: `1.module+el8.9.0+...`, `1.module_el8.5.0+...`. */
export function isModuleBuild(version: string): boolean {
  return /\.module[+_]el\d/.test(version)
}

/** Under what name advisories of one stream (`nodejs:18`) speak of a package: other streams have other fixes. */
export function nameInStream(stream: string, name: string): string {
  return `${stream}/${name}`
}
