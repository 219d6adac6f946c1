import { limits } from '../kit/limits.ts'
import { systemTypes, type Component, type OperatingSystem, type SourcePackage } from '../model/component.ts'
import { AppError } from '../model/errors.ts'
import { parsePurl, type Purl } from './purl-read.ts'
import { purlOf } from './purl.ts'
import { rpmPurl, sourceOfRpm } from './rpm-name.ts'

/** Bytes of a package URL, and of what stands beside it. Real ones have some hundred; a longer name fits into no index. */
const longest = 2048

/** What a document says beside the package URL. */
export type Beside = {
  readonly version?: string | undefined
  readonly source?: SourcePackage | undefined
  readonly os?: OperatingSystem | undefined
}

/** Throws AppError `invalid` for a document of more components than can be held in memory. */
export function checkCount(components: number, named: string): void {
  if (components > limits.occurrences) throw new AppError('invalid', `${named} lists more than ${limits.occurrences} components: not read`)
}

/** The first of many names, each as far as a person reads it. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => (name.length > 100 ? `${name.slice(0, 100)} ...` : name))
  return [...first, ...(names.length > 5 ? ['...'] : [])].join(', ')
}

/** The component a package URL of an SBOM stands for, as our own extractors would have written it; or why it is none. */
export function componentOfPurl(text: string, beside: Beside): Component | { readonly reason: string } {
  const size = Buffer.byteLength(text)
  if (size > longest) return { reason: `a package URL of ${size} bytes, at most ${longest} are read` }
  const purl = parsePurl(text)
  if (purl === undefined) return { reason: `not a package URL: ${text.slice(0, 200)}` }
  const version = withEpoch(purl, purl.version ?? beside.version)
  if (version === undefined || version === '') return { reason: `no version: ${text.slice(0, 200)}` }
  const system = systemTypes.has(purl.type)
  const { arch } = purl.qualifiers
  const distro = system ? distroOf(purl, beside.os) : undefined
  const source = system ? (beside.source ?? upstreamOf(purl, version)) : undefined
  if ([version, distro, source?.name, source?.version].some((part) => part !== undefined && Buffer.byteLength(part) > longest))
    return { reason: `a version, distribution or source package of more than ${longest} bytes: ${text.slice(0, 200)}` }
  return {
    purl:
      purl.type === 'rpm'
        ? rpmPurl(purl.namespace, purl.name, version, { arch, rpmmod: purl.qualifiers['rpmmod'], vendor: purl.qualifiers['vendor'] })
        : purlOf(purl.type, purl.namespace, purl.name, version, system && arch !== undefined ? { arch } : {}),
    type: purl.type,
    name: nameOf(purl),
    version,
    ...(distro !== undefined && { distro }),
    ...(source !== undefined && { source }),
    ...(system && arch !== undefined && { arch }),
  }
}

/** The name by which the ecosystem itself, and OSV, know a package. */
function nameOf({ type, namespace, name }: Purl): string {
  // An ebuild's namespace is its category, which is part of its name; of others of a system it is the distribution.
  if (namespace === undefined || (systemTypes.has(type) && type !== 'ebuild')) return name
  return type === 'maven' ? `${namespace}:${name}` : `${namespace}/${name}`
}

/** What other tools call a distribution, and its own `ID`. */
const ids: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['alma', 'almalinux'],
  ['rockylinux', 'rocky'],
  ['oracle', 'ol'],
  ['oraclelinux', 'ol'],
  ['amazon', 'amzn'],
  ['amazonlinux', 'amzn'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['suse linux enterprise server', 'sles'],
  ['cbl-mariner', 'mariner'],
])

/** `distro=debian-12`; `distro=3.19.1`, of the distribution that the namespace names; or the operating system the document names. */
function distroOf({ namespace, qualifiers }: Purl, os: OperatingSystem | undefined): string | undefined {
  const distro = qualifiers['distro'] ?? ''
  const [, id, release] = /^([a-z][a-z0-9._-]{0,63}?)-(\d.*)$/.exec(distro) ?? /^([a-z][a-z0-9._]*)-(.+)$/.exec(distro) ?? []
  if (id !== undefined && release !== undefined) return `${ids.get(id) ?? id}:${release}`
  if (namespace !== undefined && /^\d/.test(distro)) return `${ids.get(namespace) ?? namespace}:${distro}`
  if (os === undefined) return undefined
  const named = ids.get(os.id) ?? os.id
  return os.version === undefined ? named : `${named}:${os.version}`
}

/** `upstream=openssl`, `upstream=openssl@3.0.1` or, of rpm, the source package's file: as several generators write it. */
function upstreamOf({ type, qualifiers }: Purl, version: string): SourcePackage | undefined {
  const built = type === 'rpm' ? sourceOfRpm(qualifiers['upstream'] ?? '', version) : undefined
  if (built !== undefined) return built
  const [, name, own] = /^([^@]+)(?:@(.+))?$/.exec(qualifiers['upstream'] ?? '') ?? []
  return name === undefined ? undefined : { name, version: own ?? version }
}

/** Some write the epoch of a deb or rpm version as a qualifier (purl specification, type rpm). */
function withEpoch({ type, qualifiers }: Purl, version: string | undefined): string | undefined {
  const epoch = qualifiers['epoch']
  const missing = version !== undefined && epoch !== undefined && /^[1-9]\d*$/.test(epoch) && !version.includes(':')
  return missing && (type === 'deb' || type === 'rpm') ? `${epoch}:${version}` : version
}
