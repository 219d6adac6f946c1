import { readFile } from 'node:fs/promises'

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
const network = /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|fuse\..*|davfs)$/

/** Mount points other than `/`, by whose files they show. */
export type Mounts = {
  /** On no local disk: memory, the kernel, a container, another machine. */
  readonly foreign: readonly string[]
  /** Of those, another machine, or a program that may never answer. */
  readonly remote: readonly string[]
}

export async function readMounts(mountinfo: string): Promise<Mounts> {
  const mounts = parseMounts(await readFile(mountinfo, 'utf8').catch(() => '')).filter(({ point }) => point !== '/')
  const points = (which: (type: string) => boolean) => mounts.filter(({ type }) => which(type)).map(({ point }) => point)
  return { foreign: points((type) => !local.has(type)), remote: points((type) => network.test(type)) }
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
