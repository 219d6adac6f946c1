import { systemTypes, type Component, type OperatingSystem, type SourcePackage } from '../model/component.ts'
import { parsePurl, type Purl } from './purl-read.ts'
import { purlOf } from './purl.ts'
import { rpmPurl, sourceOfRpm } from './rpm-name.ts'

/** Bytes of a package URL, and of what stands beside it. Real ones have some hundred; a longer name fits into no index. */
export const longest = 2048

/** What a document says beside the package URL. */
export type Beside = {
  readonly version?: string | undefined
  readonly source?: SourcePackage | undefined
  /** Modularity label of an rpm package. */
  readonly module?: string | undefined
  readonly os?: OperatingSystem | undefined
  /** It is only declared: no version is known, and none is missing. */
  readonly declared?: boolean
}

/** The component a package URL of an SBOM stands for, as our own extractors would have written it; or why it is none. */
export function componentOfPurl(text: string, beside: Beside): Component | { readonly reason: string } {
  const size = Buffer.byteLength(text)
  if (size > longest) return { reason: `a package URL of ${size} bytes, at most ${longest} are read` }
  const told = parsePurl(text)
  const purl = told && spelt(told)
  if (purl === undefined) return { reason: `not a package URL: ${text.slice(0, 200)}` }
  const version = withEpoch(purl, purl.version ?? beside.version) ?? ''
  if (version === '' && beside.declared !== true) return { reason: `no version: ${text.slice(0, 200)}` }
  const system = systemTypes.has(purl.type)
  const { arch } = purl.qualifiers
  const distro = system ? distroOf(purl, beside.os) : undefined
  const source = system ? (beside.source ?? upstreamOf(purl, version)) : undefined
  if ([version, distro, source?.name, source?.version].some((part) => part !== undefined && Buffer.byteLength(part) > longest))
    return { reason: `a version, distribution or source package of more than ${longest} bytes: ${text.slice(0, 200)}` }
  return {
    purl:
      purl.type === 'rpm'
        ? rpmPurl(purl.namespace, purl.name, version, {
            arch,
            rpmmod: purl.qualifiers['rpmmod'] ?? beside.module,
            vendor: purl.qualifiers['vendor'],
          })
        : purlOf(purl.type, purl.namespace, purl.name, version, identity(purl)),
    type: purl.type,
    name: nameOf(purl),
    version,
    ...(distro !== undefined && { distro }),
    ...(source !== undefined && { source }),
    ...(arch !== undefined && arch !== '' && Buffer.byteLength(arch) <= 64 && { arch }),
  }
}

/** Types whose names have no case (purl specification, types); other generators keep the case that somebody wrote. */
const caseless = new Set(['composer', 'conda', 'github', 'hex', 'pub', 'pypi'])

function spelt(purl: Purl): Purl {
  if (!caseless.has(purl.type)) return purl
  const name = purl.name.toLowerCase()
  return {
    ...purl,
    ...(purl.namespace !== undefined && { namespace: purl.namespace.toLowerCase() }),
    name: purl.type === 'pypi' ? name.replaceAll('_', '-') : name,
  }
}

/** Qualifiers without which it would be another package: of another registry, another author, another package of the same name. */
const telling: Readonly<Record<string, readonly string[]>> = {
  cargo: ['repository_url', 'vcs_url'],
  conan: ['user', 'channel'],
  julia: ['uuid'],
}

function identity({ type, qualifiers }: Purl): Readonly<Record<string, string>> {
  const names = systemTypes.has(type) ? ['arch'] : (telling[type] ?? [])
  return Object.fromEntries(names.flatMap((name) => (qualifiers[name] ? [[name, qualifiers[name]]] : [])))
}

/** The name by which the ecosystem itself, and OSV, know a package. */
function nameOf({ type, namespace, name }: Purl): string {
  // PEP 503, "Normalized Names"; the purl keeps dots.
  if (type === 'pypi') return name.replace(/[-_.]+/g, '-')
  // An ebuild's namespace is its category, which is part of its name; of others of a system it is the distribution.
  if (namespace === undefined || (systemTypes.has(type) && type !== 'ebuild')) return name
  return type === 'maven' ? `${namespace}:${name}` : `${namespace}/${name}`
}

/** The `ID` of a distribution, whatever a document calls it. */
export const systemId = (name: string): string => ids.get(name.toLowerCase()) ?? name.toLowerCase()

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
  ['alpine linux', 'alpine'],
  ['amazon linux', 'amzn'],
  ['debian gnu/linux', 'debian'],
  ['fedora linux', 'fedora'],
  ['oracle linux server', 'ol'],
  ['red hat enterprise linux', 'rhel'],
  ['rocky linux', 'rocky'],
])

/** `distro=debian-12`; `distro=3.19.1`, of the distribution that the namespace names; or the operating system the document names. */
function distroOf({ namespace, qualifiers }: Purl, os: OperatingSystem | undefined): string | undefined {
  const distro = qualifiers['distro'] ?? ''
  const [, id, release] = /^([a-z][a-z0-9._-]{0,63}?)-(\d.*)$/.exec(distro) ?? /^([a-z][a-z0-9._]*)-(.+)$/.exec(distro) ?? []
  if (id !== undefined && release !== undefined) return `${systemId(id)}:${release}`
  if (namespace !== undefined && /^\d/.test(distro)) return `${systemId(namespace)}:${distro}`
  if (os === undefined) return undefined
  return os.version === undefined ? systemId(os.id) : `${systemId(os.id)}:${os.version}`
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
