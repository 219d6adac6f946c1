import type { Ecosystem } from '../../../model/seams.ts'
import { dpkgFiles } from './dpkg-files.ts'
import { dpkgStatus } from './dpkg-status.ts'

/** Debian packages, judged by Debian's advisories for the release they are installed on, under their source package. */
export const debian = {
  id: 'debian',
  version: 1,
  title: 'Debian packages',
  purlTypes: ['deb'],
  scheme: 'deb',
  extractors: [dpkgStatus, dpkgFiles],
  families: ['Debian'],
  advisoryKey({ distro, source, name, version }) {
    const release = distro === undefined ? undefined : /^debian:(\d{1,3}(?:\.\d{1,3})?)$/.exec(distro)?.[1]
    if (release === undefined) return undefined
    return { ecosystem: `Debian:${ecosystemRelease(release)}`, name: source?.name ?? name, version: source?.version ?? version }
  },
} satisfies Ecosystem

/** OSV names releases as `Debian:6.0` until 6 and `Debian:7` after; a point release is judged as its release. */
function ecosystemRelease(release: string): string {
  const [major = '', minor = '0'] = release.split('.')
  return Number(major) >= 7 ? major : `${major}.${minor}`
}
