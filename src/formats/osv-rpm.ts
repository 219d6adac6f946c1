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
 *   summary names. Where it names none, the record cannot be used.
 * - Rebuilds of one release of a module's package (`1.module_el8.3.0+...`, `1.module_el8.5.0+...`) stand in one record side by
 *   side: the first of them has the fix.
 */
export function ofRpmFamilies(affected: readonly Affected[], summary: string): readonly Affected[] | string {
  if (!affected.some(({ ecosystem }) => isOfFamily(ecosystem))) return affected
  const streams = streamsOf(summary)
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

/** `nodejs:18` in "Important: nodejs:18 security update", also in `httpd:2.4/mod_http2`; an errata's id has a colon, too. */
function streamsOf(summary: string): readonly string[] {
  // Rocky's own name took the place of `rhel` in the stream's in some titles.
  const words = summary.replaceAll(':Rocky Linux', ':rhel').split(/[\s,;()]+/)
  const streams = words.flatMap((word) => /^([A-Za-z0-9][\w.+-]*:[\w.+-]+)(?:\/.*)?$/.exec(word)?.[1] ?? [])
  return [...new Set(streams.filter((stream) => !/^[A-Z]{4}-\d/.test(stream)))]
}
