import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { checkPlace, type BlockReader } from '../../src/formats/disk/block-reader.ts'
import { openQcow2 } from '../../src/formats/disk/qcow2.ts'
import { rootOf } from '../../src/formats/disk/root.ts'
import { openVmdk } from '../../src/formats/disk/vmdk.ts'
import { readVolumes } from '../../src/formats/disk/volumes.ts'
import { AppError } from '../../src/model/errors.ts'
import { Broken, type FuzzTarget } from './target.ts'

const folder = join(import.meta.dirname, '../../src/formats/disk/fixtures')
const UNIT = 512
/** Bytes of an input for one change: place among what is used (2), place in it (2), how many bytes (1), the bytes (8). */
const CHANGE = 13

/** Every committed disk. An input is no disk, which would be megabytes of zeros, but a list of changes to those of its bytes that are used. */
export function diskTargets(): readonly FuzzTarget[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.gz'))
  return names.map((name) => {
    let disk: Disk | undefined
    return {
      id: `disk/${name.slice(0, -3)}`,
      // A change that changes little; without any, nothing would be there to change.
      seeds: [Buffer.alloc(0), Buffer.alloc(CHANGE), Buffer.alloc(CHANGE * 3, 1)],
      shape: 'bytes',
      run: (input) => lookAt((disk ??= diskOf(name)), changesOf(disk, input)),
    }
  })
}

type Disk = { readonly name: string; readonly bytes: Buffer; readonly used: readonly number[] }
type Change = { readonly at: number; readonly bytes: Buffer }

function diskOf(name: string): Disk {
  const bytes = gunzipSync(readFileSync(join(folder, name)))
  const zeros = Buffer.alloc(UNIT)
  const used: number[] = []
  for (let at = 0; at + UNIT <= bytes.length; at += UNIT) if (!bytes.subarray(at, at + UNIT).equals(zeros)) used.push(at)
  return { name, bytes, used }
}

function changesOf({ bytes, used }: Disk, input: Buffer): readonly Change[] {
  const changes: Change[] = []
  for (let from = 0; from + CHANGE <= input.length && changes.length < 64; from += CHANGE) {
    const at = used[input.readUInt16LE(from) % used.length]! + (input.readUInt16LE(from + 2) % UNIT)
    const length = 1 + (input[from + 4]! % 8)
    changes.push({ at, bytes: input.subarray(from + 5, from + 5 + Math.min(length, bytes.length - at)) })
  }
  return changes
}

function changed({ bytes }: Disk, changes: readonly Change[]): BlockReader {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkPlace('disk', bytes.length, offset, length)
      const piece = Buffer.from(bytes.subarray(offset, offset + length))
      for (const { at, bytes: put } of changes) {
        const from = Math.max(at, offset)
        const to = Math.min(at + put.length, offset + length)
        if (to > from) put.copy(piece, from - offset, from - at, to - at)
      }
      return piece
    },
  }
}

let below: Disk | undefined

async function lookAt(disk: Disk, changes: readonly Change[]): Promise<unknown> {
  const file = changed(disk, changes)
  const beside = async (name: string) => {
    if (name === disk.name.slice(0, -3)) return file
    if (name === 'mbr.img') return changed((below ??= diskOf('mbr.img.gz')), [])
    throw new AppError('missing', `nothing lies beside it that is called ${JSON.stringify(name)}`)
  }
  const opened = disk.name.includes('.qcow2')
    ? (await openQcow2(file, beside)).disk
    : disk.name.includes('.vmdk')
      ? await openVmdk(file, beside)
      : file
  const { tree, volumes } = await rootOf(await readVolumes(opened), {})
  const told: unknown[] = [volumes.length]
  let files = 0
  let bytes = 0
  for await (const { path } of tree.entries((gap) => told.push(gap))) {
    if (path.split('/').some((step) => step === '' || step === '.' || step === '..'))
      throw new Broken(`a path that leads elsewhere: ${path}`)
    if (++files > 20_000) throw new Broken('more files than the disk has room for')
    const content = bytes < 1 << 22 ? await contentOf(tree, path) : 'not read'
    if (typeof content !== 'string') bytes += content.length
    told.push([path, typeof content === 'string' ? content : content.length])
  }
  return told
}

async function contentOf(tree: Awaited<ReturnType<typeof rootOf>>['tree'], path: string): Promise<Uint8Array | string> {
  const file = await tree.open(path)
  if (file === undefined) return 'not opened'
  try {
    return await file.range(0, Math.min(file.size, 1 << 16))
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.message
    throw thrown
  }
}
