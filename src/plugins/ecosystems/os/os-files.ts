import { osFiles, type OperatingSystem } from '../../../model/component.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'
import { fromDebianVersion, fromOsRelease } from './os-release.ts'
import { fromAlpineRelease, fromLsbRelease, fromReleaseLine, fromSuseRelease, rolling } from './release-lines.ts'

/** Bytes. Real ones have a few hundred. */
const LARGEST = 65_536
const files = new Set(osFiles)

/** The operating system of a tree: os-release(5), or what older and smaller systems have in its place. */
export const osRelease = {
  id: 'os/release',
  version: 1,
  title: 'os-release and its fall-backs',
  names: [...files].map(baseName),
  wants: ({ path }) => files.has(path),
  async read(file) {
    const os = file.size > LARGEST ? `expected at most ${LARGEST} bytes, got ${file.size}` : osOf(file.path, await file.text())
    if (typeof os === 'string') return { occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason: os }] }
    return { occurrences: [], gaps: [], os }
  },
} satisfies Extractor

/** Who writes files of which form; all others hold one line, `NAME release VERSION`. */
const forms: Readonly<Record<string, (text: string) => OperatingSystem | string>> = {
  'etc/debian_version': fromDebianVersion,
  'etc/alpine-release': fromAlpineRelease,
  'etc/lsb-release': fromLsbRelease,
  'etc/openwrt_release': fromLsbRelease,
  'etc/SuSE-release': fromSuseRelease,
  'etc/arch-release': rolling('arch', 'Arch Linux'),
  'etc/NIXOS': rolling('nixos', 'NixOS'),
}

function osOf(path: string, text: string): OperatingSystem | string {
  if (path.endsWith('/os-release')) return fromOsRelease(text)
  return (forms[path] ?? fromReleaseLine)(text)
}
