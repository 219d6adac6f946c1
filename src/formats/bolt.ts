import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { readExactly } from '../kit/bounded-file.ts'
import { AppError } from '../model/errors.ts'

/** A bucket of a bolt database: what lies in it by name, in the order of names. */
export type BoltBucket = { entries(): Promise<ReadonlyMap<string, Buffer | BoltBucket>> }

/** What a database says of itself, of its last finished change (bbolt, `internal/common/meta.go`). */
type Meta = { readonly pageSize: number; readonly root: bigint; readonly pages: bigint; readonly change: bigint }

const MAGIC = 0xed0cdaed
const BRANCH = 1
const LEAF = 2
const IS_BUCKET = 1
const HEAD = 16
/** Pages read for one question, and pages that one of them may take: a store of ten thousand images takes a tenth of that. */
const MOST_PAGES = 50_000
const MOST_OVERFLOW = 4_096
const MOST_DEPTH = 32
const TRIES = 5

/**
 * Reads a bolt database (the file format of go.etcd.io/bbolt, version 2), also while another process writes to it: pages are never
 * written over while the change they belong to is the last, so that what was read under one change is whole. Throws AppError `invalid`.
 */
export async function readBolt<T>(path: string, use: (root: BoltBucket) => Promise<T>): Promise<T> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) throw wrong(path, 'it is no file')
    for (let tries = 0; tries < TRIES; tries++) {
      const meta = await metaOf(handle, path)
      const outcome = await use(rootOf(handle, path, meta)).then(
        (value) => ({ value }),
        (thrown: unknown) => ({ thrown }),
      )
      if ((await metaOf(handle, path)).change !== meta.change) continue
      if ('thrown' in outcome) throw outcome.thrown
      return outcome.value
    }
    throw new AppError('invalid', `${path} changes faster than it is read`)
  } finally {
    await handle.close()
  }
}

/** The newer of the two that are written in turn, of those that are whole. */
async function metaOf(handle: FileHandle, path: string): Promise<Meta> {
  const metas: Meta[] = []
  for (const at of [0, 4_096, 8_192, 16_384, 65_536]) {
    const bytes = Buffer.alloc(HEAD + 64)
    if ((await handle.read(bytes, 0, bytes.length, at)).bytesRead < bytes.length) break
    const meta = readMeta(bytes.subarray(HEAD))
    if (meta !== undefined && (at === 0 || at === meta.pageSize)) metas.push(meta)
  }
  const [first, ...others] = metas
  if (first === undefined) throw wrong(path, 'it does not begin as one')
  return others.reduce((newest, one) => (one.change > newest.change ? one : newest), first)
}

function readMeta(meta: Buffer): Meta | undefined {
  if (meta.readUInt32LE(0) !== MAGIC || meta.readUInt32LE(4) !== 2 || meta.readBigUInt64LE(56) !== checksum(meta.subarray(0, 56)))
    return undefined
  const pageSize = meta.readUInt32LE(8)
  if (![4_096, 8_192, 16_384, 65_536].includes(pageSize)) return undefined
  return { pageSize, root: meta.readBigUInt64LE(16), pages: meta.readBigUInt64LE(40), change: meta.readBigUInt64LE(48) }
}

/** FNV-1a of 64 bits. */
function checksum(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}

function rootOf(handle: FileHandle, path: string, { pageSize, root, pages }: Meta): BoltBucket {
  let read = 0
  async function pageAt(id: bigint): Promise<Buffer> {
    if (id < 2n || id >= pages) throw wrong(path, `it names page ${id} of ${pages}`)
    const count = () => {
      if (++read > MOST_PAGES) throw wrong(path, `more than ${MOST_PAGES} pages belong to what is asked for`)
    }
    count()
    const first = await readExactly(handle, Number(id) * pageSize, pageSize, path)
    const more = first.readUInt32LE(12)
    if (more === 0) return first
    if (more > MOST_OVERFLOW) throw wrong(path, `a page of ${more + 1} pages`)
    return await readExactly(handle, Number(id) * pageSize, pageSize * (more + 1), path)
  }

  async function collect(page: Buffer, into: Map<string, Buffer | BoltBucket>, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) throw wrong(path, `branches more than ${MOST_DEPTH} deep`)
    const [kind, count] = [page.readUInt16LE(8), page.readUInt16LE(10)]
    if (HEAD + count * 16 > page.length) throw wrong(path, `a page that says it has ${count} entries`)
    if (kind !== BRANCH && kind !== LEAF) throw wrong(path, `a page of kind ${kind} where entries are`)
    for (let at = HEAD; at < HEAD + count * 16; at += 16) {
      if (kind === BRANCH) {
        await collect(await pageAt(page.readBigUInt64LE(at + 8)), into, depth + 1)
        continue
      }
      const begin = at + page.readUInt32LE(at + 4)
      const middle = begin + page.readUInt32LE(at + 8)
      const end = middle + page.readUInt32LE(at + 12)
      if (end > page.length) throw wrong(path, 'an entry that leads out of its page')
      const value = page.subarray(middle, end)
      into.set(page.toString('utf8', begin, middle), (page.readUInt32LE(at) & IS_BUCKET) === 0 ? value : bucketIn(value))
    }
  }

  const bucketOf = (page: () => Promise<Buffer>): BoltBucket => ({
    async entries() {
      const found = new Map<string, Buffer | BoltBucket>()
      await collect(await page(), found, 0)
      return found
    },
  })
  /** A small bucket lies where its name does. */
  function bucketIn(value: Buffer): BoltBucket {
    if (value.length < HEAD) throw wrong(path, 'a bucket without a head')
    const id = value.readBigUInt64LE(0)
    if (id !== 0n) return bucketOf(() => pageAt(id))
    const page = value.subarray(HEAD)
    if (page.length < HEAD) throw wrong(path, 'a bucket without a page')
    return bucketOf(async () => page)
  }
  return bucketOf(() => pageAt(root))
}

const wrong = (path: string, what: string) => new AppError('invalid', `${path} is no bolt database as expected: ${what}`)
