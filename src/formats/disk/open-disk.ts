import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../model/errors.ts'
import { fileReader, type BlockReader } from './block-reader.ts'
import { isQcow2, openQcow2 } from './qcow2.ts'
import { isVmdk, openVmdk } from './vmdk.ts'

export type OpenDisk = BlockReader & {
  /** What concerns all of it. */
  readonly doubts: readonly string[]
  /** Every file that was opened, for whoever waits for changes. */
  readonly files: readonly string[]
  close(): Promise<void>
}

/** Images below images followed. */
const DEPTH = 16

/**
 * The disk in a file, whatever it is packed in: that is told by its first bytes, but what is named `.raw` is raw, so that whoever
 * writes to a disk cannot make its first bytes name another file. Files that it names beside itself are opened only in the same
 * folder, by plain names. Throws AppError in words for a person.
 */
export async function openDisk(path: string): Promise<OpenDisk> {
  const opened: { path: string; close(): Promise<void> }[] = []
  const doubts: string[] = []
  const close = async () => {
    for (const file of opened.splice(0)) await file.close()
  }
  const folder = dirname(await realpath(path))
  const openFile = async (name: string): Promise<BlockReader> => {
    const file = await fileReader(await besides(folder, name))
    opened.push({ path: join(folder, name), close: file.close })
    return file
  }
  const openImage = async (name: string, format: string | undefined, depth: number): Promise<BlockReader> => {
    if (depth > DEPTH) throw new AppError('invalid', `more than ${DEPTH} images, each below the other`)
    const file = await openFile(name)
    const is = format ?? (await formatOf(file, name))
    if (is === 'raw') return file
    if (is === 'vmdk') return await openVmdk(file, openFile)
    if (is !== 'qcow2' || !isQcow2(await file.read(0, Math.min(4, file.size))))
      throw new AppError('unsupported', `${name}: expected a disk of format raw, qcow2 or vmdk, got ${is}`)
    const image = await openQcow2(file, (below, stated) => openImage(below, stated, depth + 1))
    doubts.push(...image.doubts)
    return image.disk
  }
  try {
    const disk = await openImage(basename(await realpath(path)), undefined, 0)
    return { ...disk, doubts, files: opened.map((file) => file.path), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** A file of the folder, itself and not through a link that leads elsewhere. */
async function besides(folder: string, name: string): Promise<string> {
  if (name === '' || name === '.' || name === '..' || /[/\\:\0]/.test(name))
    throw new AppError('unsupported', `the disk needs ${JSON.stringify(name)}: only files of its own folder are opened, by plain names`)
  const real = await realpath(join(folder, name)).catch(() => undefined)
  if (real === undefined) throw new AppError('missing', `the disk needs ${JSON.stringify(name)}, which is not in its folder`)
  if (dirname(real) !== folder)
    throw new AppError('unsupported', `the disk needs ${JSON.stringify(name)}, a link that leads out of its folder`)
  return real
}

/** Packed in ways that are not read, by first bytes. */
const others: readonly (readonly [at: number, bytes: string, words: string])[] = [
  [0, 'vhdxfile', 'a VHDX image: convert it with qemu-img'],
  [0, 'conectix', 'a VHD image: convert it with qemu-img'],
  [0x40, '\x7f\x10\xda\xbe', 'a VirtualBox image (VDI): convert it with qemu-img'],
  [0, 'QED\0', 'a QED image: convert it with qemu-img'],
  [0, 'COWD', 'an old VMDK (COWD): convert it with qemu-img'],
  [0, '\xce\xed\xfe\xca', 'a VMDK of ESXi (SESPARSE): convert it with qemu-img'],
  [0, '\x1f\x8b', 'a gzip file: unpack it first'],
  [0, '\xfd7zXZ\0', 'an xz file: unpack it first'],
  [0, '\x28\xb5\x2f\xfd', 'a zstd file: unpack it first'],
  [0, 'BZh', 'a bzip2 file: unpack it first'],
  [257, 'ustar', 'a tar archive: unpack it first'],
]

async function formatOf(file: BlockReader, name: string): Promise<string> {
  if (name.endsWith('.raw')) return 'raw'
  const head = await file.read(0, Math.min(512, file.size))
  if (isQcow2(head)) return 'qcow2'
  if (isVmdk(head)) return 'vmdk'
  for (const [at, bytes, words] of others)
    if (head.toString('latin1', at, at + bytes.length) === bytes)
      throw new AppError('unsupported', `expected a disk of format raw, qcow2 or vmdk, got ${words}`)
  return 'raw'
}
