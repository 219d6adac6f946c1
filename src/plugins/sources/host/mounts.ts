import { readFile } from 'node:fs/promises'

/** File systems on local disks: the only ones whose files are this host's own. Anything else is memory, network, or somebody's container. */
const local = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'zfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'bcachefs',
  'erofs',
  'squashfs',
  'ntfs3',
  'vfat',
])

/** Mount points, other than `/`, not to enter. */
export async function foreignMounts(mountinfo: string): Promise<readonly string[]> {
  return parseMounts(await readFile(mountinfo, 'utf8').catch(() => ''))
    .filter(({ point, type }) => point !== '/' && !local.has(type))
    .map(({ point }) => point)
}

/** proc_pid_mountinfo(5): the mount point is the fifth field, the type follows a lone `-`; blanks are written as `\040`. */
export function parseMounts(text: string): readonly { readonly point: string; readonly type: string }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ')
    const point = fields[4]
    const type = fields[fields.indexOf('-', 6) + 1]
    if (point === undefined || type === undefined || !fields.includes('-')) return []
    return [{ point: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), type }]
  })
}
