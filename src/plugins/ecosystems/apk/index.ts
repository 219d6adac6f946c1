import type { Ecosystem } from '../../../model/seams.ts'
import { apkDatabase } from './apk-database.ts'

/** apk packages, judged by the advisories of Alpine, Wolfi or Chainguard under the package they were built from. */
export const apk = {
  id: 'apk',
  version: 1,
  title: 'apk packages',
  purlTypes: ['apk'],
  scheme: 'apk',
  extractors: [apkDatabase],
  families: ['Alpine', 'Wolfi', 'Chainguard'],
  advisoryKey({ distro, source, name, version }) {
    const ecosystem = distro === undefined ? undefined : ecosystemOf(distro)
    return ecosystem === undefined ? undefined : { ecosystem, name: source?.name ?? name, version: source?.version ?? version }
  },
} satisfies Ecosystem

/** Wolfi and Chainguard have no releases. Alpine's next one (`3.24_alpha20260805`) has no advisories of its own. */
function ecosystemOf(distro: string): string | undefined {
  const [, id, release] = /^(alpine|wolfi|chainguard)(?::(.+))?$/.exec(distro) ?? []
  if (id === 'wolfi') return 'Wolfi'
  if (id === 'chainguard') return 'Chainguard'
  const branch = id === 'alpine' ? /^(\d{1,3}\.\d{1,3})(?:\.\d{1,3})?$/.exec(release ?? '')?.[1] : undefined
  return branch && `Alpine:v${branch}`
}
