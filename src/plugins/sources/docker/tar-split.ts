import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { readFileRange } from '../../../kit/bounded-file.ts'
import type { Limits } from '../../../kit/limits.ts'
import { cleanPath, parentOf } from '../../../kit/paths.ts'
import { CHUNK, unpack } from '../../../kit/unpack.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'

/** One line of a tar-split file (vbatts/tar-split, tar/storage): 1 is a file's content, 2 are bytes as they stand in the archive. */
const Entry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal(1),
    name: z.string().optional(),
    name_raw: z.base64().optional(),
    size: z.number().int().nonnegative().default(0),
  }),
  z.object({ type: z.literal(2), payload: z.string().nullish() }),
])

/** Characters of a line: an archive's extended headers, in base64. */
const LINE = 16 << 20

/**
 * The archive a layer came as, put together again: what is no content of a file from the tar-split file, the content from the folder
 * in which Docker unpacked it. Whether it is the same to the byte its digest tells.
 */
export async function* reassembled(split: string, folder: string, limits: Limits, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const root = await realpath(folder)
  const lines = linesOf(unpack(createReadStream(split, signal ? { signal } : {}), 'gzip', split, limits), split)
  /** The folder of the file before: most have the same, and whether a link leads there is asked once. */
  let known = ''
  for await (const line of lines) {
    const entry = parse(line, split)
    if (entry.type === 2) {
      if (entry.payload) yield Buffer.from(entry.payload, 'base64')
      continue
    }
    if (entry.size === 0) continue
    const name = entry.name_raw === undefined ? (entry.name ?? '') : Buffer.from(entry.name_raw, 'base64').toString('utf8')
    const path = cleanPath(name.replace(/^\/+/, ''))
    if (!path) throw new AppError('invalid', `${split}: names a file that leads out of its layer: ${JSON.stringify(name.slice(0, 200))}`)
    const parent = join(root, parentOf(path))
    if (parent !== known && (await realpath(parent).catch(() => undefined)) !== parent)
      throw new AppError('invalid', `${folder}: the folder of ${JSON.stringify(path.slice(0, 200))} is not there, or is a link`)
    known = parent
    yield* contentOf(join(root, path), entry.size)
  }
}

async function* contentOf(path: string, size: number): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < size; ) {
    const piece = await readFileRange(path, { offset, length: Math.min(CHUNK, size - offset) }).catch((thrown: unknown) => {
      throw new AppError('invalid', `${path} cannot be read: ${reasonOf(thrown)}`, { cause: thrown })
    })
    if (piece.length === 0) throw new AppError('invalid', `${path} has ${offset} bytes, its layer says ${size}`)
    offset += piece.length
    yield piece
  }
}

function parse(line: string, named: string): z.infer<typeof Entry> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    value = undefined
  }
  const parsed = Entry.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `${named} is not as expected: ${JSON.stringify(line.slice(0, 100))} is no entry of a tar-split file`)
}

async function* linesOf(source: AsyncIterable<Uint8Array>, named: string): AsyncIterable<string> {
  let begun: Uint8Array[] = []
  let held = 0
  for await (const piece of source) {
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      const line = Buffer.concat([...begun, piece.subarray(from, end)]).toString('utf8')
      begun = []
      held = 0
      from = end + 1
      if (line !== '') yield line
    }
    begun.push(piece.subarray(from))
    held += piece.length - from
    if (held > LINE) throw new AppError('invalid', `${named} has a line of more than ${LINE} bytes`)
  }
  if (held > 0) yield Buffer.concat(begun).toString('utf8')
}
