import { depthOf } from '../../kit/paths.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { FileTree } from '../../model/seams.ts'
import type { DiskContent, DiskGap, Volume } from './volumes.ts'
import { volumeTree, type Mounted, type VolumeScope } from './volume-tree.ts'

/** What a system started from a disk sees, as far as the disk itself holds it. */
export type DiskRoot = { readonly tree: FileTree; readonly volumes: readonly Volume[] }

const releases = ['etc/os-release', 'usr/lib/os-release']

/**
 * The root file system of a disk, with the others that its `/etc/fstab` mounts below it: as the machine would see them. Throws
 * AppError `unsupported` where no file system can be read.
 */
export async function rootOf({ volumes, gaps }: DiskContent, scope: VolumeScope): Promise<DiskRoot> {
  if (volumes.length === 0) {
    const why = gaps.map(({ path, reason }) => `${path}: ${reason}`).join('; ')
    throw new AppError(
      'unsupported',
      `no file system that can be read: expected ext2, ext3, ext4 or XFS, got ${why || 'none that is known'}`,
    )
  }
  const told = [...gaps]
  const roots = await candidates(volumes)
  const root = roots[0] ?? volumes[0]!
  for (const other of roots.slice(1))
    told.push({ path: other.named, reason: `another root file system (${root.named} was read): not looked at` })
  const mounts = await mountsOf(root, volumes, told)
  const seen = new Set(mounts.map(({ system }) => system))
  for (const { named, system } of volumes) {
    if (seen.has(system)) told.push(...system.doubts.map((reason) => ({ path: named, reason })))
    else if (!roots.slice(1).some((other) => other.system === system) && (await holdsFiles(system)))
      told.push({ path: named, reason: `a file system (${system.is}) that /etc/fstab mounts nowhere: not looked at` })
  }
  const tree = volumeTree(mounts, scope)
  return {
    volumes: volumes.filter(({ system }) => seen.has(system)),
    tree: {
      open: (path) => tree.open(path),
      async *entries(onGap) {
        for (const gap of told) onGap(gap)
        yield* tree.entries(onGap)
      },
    },
  }
}

/** Those that look like a root, the likeliest first: one that says which system it is, then one that says what it mounts. */
async function candidates(volumes: readonly Volume[]): Promise<readonly Volume[]> {
  const ranked = await Promise.all(
    volumes.map(async (volume) => {
      const tree = volumeTree([{ at: '', system: volume.system }])
      const has = async (path: string) => (await tree.open(path).catch(() => undefined)) !== undefined
      for (const path of releases) if (await has(path)) return { volume, rank: 2 }
      return { volume, rank: (await has('etc/fstab')) ? 1 : 0 }
    }),
  )
  const best = Math.max(...ranked.map(({ rank }) => rank))
  return best === 0 ? [] : ranked.filter(({ rank }) => rank === best).map(({ volume }) => volume)
}

/** What lies in the top folder of an empty file system. */
async function holdsFiles(system: Volume['system']): Promise<boolean> {
  try {
    return (await system.children(system.top, () => {})).some(({ name }) => name !== 'lost+found')
  } catch {
    return true
  }
}

type FstabLine = { readonly what: string; readonly at: string; readonly type: string }

/** File systems of disks; others (of the network, of memory) are no part of one. */
const ofDisks = new Set(['auto', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'ntfs', 'vfat', 'squashfs', 'erofs'])
/** Where firmware keeps boot loaders: no software is installed there. */
const ofFirmware = new Set(['boot/efi', 'efi', 'boot/firmware'])

async function mountsOf(root: Volume, volumes: readonly Volume[], told: DiskGap[]): Promise<readonly Mounted[]> {
  const mounts: Mounted[] = [{ at: '', system: root.system }]
  for (const { what, at, type } of await fstabOf(root, told)) {
    if (at === '' || !ofDisks.has(type)) continue
    const volume = volumes.find((one) => isMeant(one, what))
    if (volume === undefined) {
      if (!ofFirmware.has(at))
        told.push({ path: at, reason: `/etc/fstab mounts ${what} (${type}) here, which was found on no disk at hand: not looked at` })
      continue
    }
    const { system } = volume
    if (mounts.some((mount) => mount.system === system)) continue
    const folder = await mountPoint(mounts, at).catch(() => undefined)
    if (folder === undefined || folder === '')
      told.push({ path: at, reason: `/etc/fstab mounts ${what} here, but there is no such folder: not looked at` })
    else mounts.push({ at: folder, system })
  }
  return mounts
}

/** A folder's path without links, as the mounts so far show it. */
async function mountPoint(mounts: readonly Mounted[], at: string): Promise<string | undefined> {
  return await volumeTree(mounts).folder(at)
}

async function fstabOf(root: Volume, told: DiskGap[]): Promise<readonly FstabLine[]> {
  try {
    const file = await volumeTree([{ at: '', system: root.system }]).open('etc/fstab')
    const lines = file === undefined ? [] : parseFstab(await file.text())
    return lines.sort((a, b) => depthOf(a.at) - depthOf(b.at))
  } catch (thrown) {
    told.push({ path: 'etc/fstab', reason: `cannot be read, so nothing is known of other file systems: ${reasonOf(thrown)}` })
    return []
  }
}

/** Lines of `fstab(5)`: what, where, type; spaces in them are written `\040`. */
function parseFstab(text: string): FstabLine[] {
  const plain = (word: string) => word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return text.split('\n').flatMap((line) => {
    const [what, at, type] = line
      .trim()
      .split(/[ \t]+/)
      .map(plain)
    if (what === undefined || what.startsWith('#') || type === undefined || !at?.startsWith('/')) return []
    return [
      {
        what,
        at: at
          .split('/')
          .filter((step) => step !== '')
          .join('/'),
        type,
      },
    ]
  })
}

/** Whether a volume is what the first word of a line names. Names of devices are those of a machine with these disks in their order. */
function isMeant({ system, disk, partition, lvm }: Volume, what: string): boolean {
  const [, tag, value] = /^([A-Z]+)=(.*)$/.exec(what.replaceAll('"', '')) ?? []
  const wanted = value ?? /^\/dev\/disk\/by-(?:uuid|label|partuuid|partlabel)\/(.+)$/.exec(what)?.[1]
  const kind = tag?.toLowerCase() ?? /^\/dev\/disk\/by-([a-z]+)\//.exec(what)?.[1]
  if (kind === 'uuid') return same(wanted, system.uuid)
  if (kind === 'label') return wanted === system.label
  if (kind === 'partuuid') return same(wanted, partition?.uuid)
  if (kind === 'partlabel') return wanted === partition?.name
  const device = deviceOf(what)
  if (device !== undefined) return device.disk === disk && device.partition === partition?.number
  return lvm !== undefined && (what === `/dev/${lvm.group}/${lvm.name}` || what === `/dev/mapper/${mapped(lvm.group)}-${mapped(lvm.name)}`)
}

/** `/dev/sda1`, `/dev/nvme0n1p1`; without a partition the whole disk. */
function deviceOf(what: string): { readonly disk: number; readonly partition: number | undefined } | undefined {
  const [, letter, ofLetter] = /^\/dev\/(?:[shv]d|xvd)([a-z])(\d{1,3})?$/.exec(what) ?? []
  const [, digit, ofDigit] = /^\/dev\/(?:nvme(?=\dn1)|mmcblk)(\d)(?:n1)?(?:p(\d{1,3}))?$/.exec(what) ?? []
  const partition = ofLetter ?? ofDigit
  const disk = letter !== undefined ? letter.charCodeAt(0) - 96 : digit !== undefined ? Number(digit) + 1 : undefined
  return disk === undefined ? undefined : { disk, partition: partition === undefined ? undefined : Number(partition) }
}

const same = (left: string | undefined, right: string | undefined): boolean =>
  left !== undefined && left.toLowerCase() === right?.toLowerCase()

/** A hyphen inside a name is written twice, to tell it from the one between two names. */
const mapped = (name: string): string => name.replaceAll('-', '--')
