import type { Affected } from '../model/advisory.ts'
import { isModuleBuild, nameInStream } from './rpm-name.ts'
import { compareRpm } from './rpm-version.ts'

/** OSV ecosystems whose releases have modules, by family. */
const families = new Set(['Red Hat', 'AlmaLinux', 'Rocky Linux'])

/**
 * Entries of distributions of the Red Hat family, as packages of theirs can be looked up; or why that cannot be.
 *
 * - `Red Hat:enterprise_linux:9::appstream` is a CPE with the repository. A host does not tell from which repository a package
 *   came, and one release has one version of a package in all of them: `Red Hat:enterprise_linux:9`. Products beside it
 *   (`rhel_eus:9.2`) keep their names.
 * - A fix that is a build of a module says nothing of packages of other streams, or of none: it is put under the stream that the
 *   summary names. Some name the module alone: its stream is then the only one it has, or stands in the version of the package it is
 *   called after. Where neither tells, the record cannot be used.
 * - Rebuilds of one release of a module's package (`1.module_el8.3.0+...`, `1.module_el8.5.0+...`) stand in one record side by
 *   side: the first of them has the fix.
 */
export function ofRpmFamilies(affected: readonly Affected[], summary: string): readonly Affected[] | string {
  if (!affected.some(({ ecosystem }) => isOfFamily(ecosystem))) return affected
  const streams = streamsOf(summary, affected)
  const kept = new Map<string, Affected>()
  for (const entry of affected) {
    if (!isOfFamily(entry.ecosystem)) {
      kept.set(JSON.stringify(entry), entry)
      continue
    }
    const ecosystem = withoutRepository(entry.ecosystem)
    const build = moduleFix(entry)
    if (build !== undefined && streams.length === 0)
      return `expected the stream of its module in the summary, got ${JSON.stringify(summary.slice(0, 100))}: which packages it is about cannot be told`
    const names = build === undefined ? [entry.name] : streams.map((stream) => nameInStream(stream, entry.name))
    for (const name of names) {
      const own = { ...entry, ecosystem, name }
      const key = build === undefined ? JSON.stringify(own) : JSON.stringify([ecosystem, name, releaseOf(build)])
      const held = kept.get(key)
      const heldBuild = held && moduleFix(held)
      if (held === undefined || (build !== undefined && heldBuild !== undefined && compareRpm(build, heldBuild) === -1)) kept.set(key, own)
    }
  }
  return [...kept.values()]
}

const isOfFamily = (ecosystem: string): boolean => families.has(ecosystem.split(':', 1)[0] ?? '')

/** A CPE's release of RHEL 10 has a minor version (`enterprise_linux:10.0`); packages are judged by the major one. */
function withoutRepository(ecosystem: string): string {
  const [product = ''] = ecosystem.split('::', 1)
  return product.replace(/^(Red Hat:enterprise_linux:\d+)\.\d+$/, '$1')
}

/** The fixing build, where it is one of a module. */
function moduleFix({ ranges }: Affected): string | undefined {
  return ranges
    .flatMap(({ events }) => events)
    .map((event) => ('fixed' in event ? event.fixed : ''))
    .find(isModuleBuild)
}

/** Version and release in front of what names the build. */
const releaseOf = (build: string): string => build.slice(0, build.search(/\.module[+_]el\d/))

/** Modules of release 8 that have one stream, by name. */
const onlyStreams: ReadonlyMap<string, string> = new Map([
  ...(['go-toolset', 'jmc', 'llvm-toolset', 'rust-toolset'] as const).map((name) => [name, 'rhel8'] as const),
  ['389-ds', '1.4'],
  ['freeradius', '3.0'],
  ['gimp', '2.8'],
  ['httpd', '2.4'],
  ['inkscape', '0.92.3'],
  ['mailman', '2.1'],
  ['mod_auth_openidc', '2.3'],
  ['pki-core', '10.6'],
  ['pki-deps', '10.6'],
  ['python27', '2.7'],
  ['python36', '3.6'],
  ['python38', '3.8'],
  ['python38-devel', '3.8'],
  ['python39', '3.9'],
  ['python39-devel', '3.9'],
  ['satellite-5-client', '1.0'],
  ['squid', '4'],
  ['varnish', '6'],
  ['virt', 'rhel'],
  ['virt-devel', 'rhel'],
])
/** Modules whose streams are called after the first numbers of the package that has their name; how many. */
const numbersOfStream: ReadonlyMap<string, 1 | 2> = new Map([
  ...(['mariadb', 'mariadb-devel', 'mysql', 'nginx', 'perl', 'perl-IO-Socket-SSL', 'php', 'ruby'] as const).map(
    (name) => [name, 2] as const,
  ),
  ...(['nodejs', 'redis'] as const).map((name) => [name, 1] as const),
])

/** `nodejs:18` in "Important: nodejs:18 security update", also in `httpd:2.4/mod_http2`; an errata's id has a colon, too. */
function streamsOf(summary: string, affected: readonly Affected[]): readonly string[] {
  // Rocky's own name took the place of `rhel` in the stream's in some titles.
  const words = summary.replaceAll(':Rocky Linux', ':rhel').split(/[\s,;()]+/)
  const streams = words.flatMap((word) => /^([A-Za-z0-9][\w.+-]*:[\w.+-]+)(?:\/.*)?$/.exec(word)?.[1] ?? [])
  const named = [...new Set(streams.filter((stream) => !/^[A-Z]{4}-\d/.test(stream)))]
  return named.length > 0 ? named : [...new Set(words.flatMap((word) => streamOfModule(word, affected) ?? []))]
}

function streamOfModule(module: string, affected: readonly Affected[]): string | undefined {
  const builds = affected.flatMap((entry) => moduleFix(entry) ?? [])
  const only = onlyStreams.get(module)
  if (only !== undefined && builds.every((build) => /\.module[+_]el8/.test(build))) return `${module}:${only}`
  const own = affected.find((entry) => entry.name === module && moduleFix(entry) !== undefined)
  const numbers = /^(?:\d+:)?(\d+)\.(\d+)/.exec((own && moduleFix(own)) ?? '')
  const count = numbersOfStream.get(module)
  return numbers === null || count === undefined ? undefined : `${module}:${numbers.slice(1, count + 1).join('.')}`
}
