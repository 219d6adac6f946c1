import type { Ecosystem } from '../../../model/seams.ts'
import { jdkRelease } from './jdk-release.ts'
import { program } from './program.ts'
import { pythonHeaders } from './python-headers.ts'

/** What Bitnami publishes advisories for under upstream's own versions, by our name. */
const published: ReadonlySet<string> = new Set(
  'apache dotnet git haproxy java lua mariadb memcached modsecurity nginx node openldap pgbouncer pgpool php postgresql python redis ruby sqlite valkey varnish'.split(
    ' ',
  ),
)

/** Runtimes, servers and libraries that are in no package, judged by Bitnami's advisories where these know them. */
export const binaries = {
  id: 'binaries',
  version: 1,
  title: 'Programs outside of packages',
  purlTypes: ['generic', 'bitnami'],
  scheme: 'semver',
  extractors: [program, jdkRelease, pythonHeaders],
  families: ['Bitnami'],
  advisoryKey({ type, name, version }) {
    if (type !== 'bitnami' && !published.has(name)) return undefined
    return { ecosystem: 'Bitnami', name, version: name === 'java' ? asSemver(version) : upstream(type, version) }
  },
} satisfies Ecosystem

/** Java 8 calls itself 1.8.0_392, and in advisories 8.0.392. */
function asSemver(version: string): string {
  const [, major, update] = /^1\.(\d{1,2})\.0(?:_(\d{1,4}))?(?:-.*)?$/.exec(version) ?? []
  return major === undefined ? version.split('.', 3).join('.') : `${major}.0.${update ?? '0'}`
}

/** Bitnami's own packages add a revision, which in SemVer would come before the release: `1.25.3-4`. */
const upstream = (type: string, version: string): string => (type === 'bitnami' ? version.replace(/-\d{1,4}$/, '') : version)
