import { AppError } from '../model/errors.ts'
import { HEAD, limits as defaults, type Limits } from './limits.ts'

/** `sparse`: its stored bytes are not its content. `other`: a type we do not know, with content. */
export type TarKind = 'file' | 'link' | 'symlink' | 'directory' | 'device' | 'sparse' | 'other'

/** A header, long names applied. `path` and `target` are as the archive says: never trust them. */
export type TarEntry = {
  readonly path: string
  readonly kind: TarKind
  /** Bytes that follow in the archive; 0 for what has no content. */
  readonly size: number
  /** Permission bits. */
  readonly mode: number
  /** Of a link or symlink. */
  readonly target: string
  /** Where its content begins in the archive. */
  readonly offset: number
}

export type TarVisitor = {
  /** Called for every entry in order; true: hand its content to `take`. */
  visit(entry: TarEntry): boolean
  /** The first bytes of what `visit` asked for, 512 or all there are; false: it is not wanted after all. */
  starts?(entry: TarEntry, head: Buffer): boolean
  /** A place for as many bytes as the entry has; without it each content is in a buffer of its own. */
  room?(entry: TarEntry): Buffer<ArrayBuffer> | undefined
  /** The content of an entry that was asked for. */
  take(entry: TarEntry, content: Buffer): void
}

/** A walk over an archive handed over piece by piece. Throws AppError `invalid` for what is no whole tar archive, or passes a limit. */
export type TarWalk = {
  push(chunk: Uint8Array): void
  end(): void
  /** The end mark was read: nothing further matters. */
  readonly ended: boolean
  /** Bytes from here that are not needed: whoever can seek may leave them out and say so. */
  readonly skippable: number
  jump(): void
}

const BLOCK = 512
type Extension = Record<string, string>

/**
 * Reads tar headers (POSIX.1-2024 pax, ustar, GNU) and steps over content without copying it. `named` is how errors call the
 * archive. What follows the two zero blocks of the end is ignored, as by every tool that unpacks.
 */
export function walkTar(visitor: TarVisitor, named: string, limits: Limits = defaults): TarWalk {
  /** A header or an extended header that began in an earlier chunk; `need` bytes make it whole. */
  let pending: { readonly bytes: Buffer; held: number; readonly done: (bytes: Buffer) => void } | undefined
  let skip = 0
  let position = 0
  let entries = 0
  let names = 0
  let zeros = 0
  let ended = false
  let long: Extension = {}
  let shared: Extension = {}

  const fail = (why: string) => new AppError('invalid', `${named} is not a whole tar archive: ${why} at byte ${position}`)
  const collect = (length: number, done: (bytes: Buffer) => void, begun?: Buffer, bytes = Buffer.allocUnsafe(length)) => {
    pending = { bytes, held: begun?.copy(bytes) ?? 0, done }
    if (length === 0) finish()
  }
  const finish = () => {
    const whole = pending!
    pending = undefined
    whole.done(whole.bytes)
  }

  const header = (block: Buffer) => {
    if (isZero(block)) {
      ended = ++zeros === 2
      return
    }
    if (zeros > 0) throw fail('a lone zero block')
    if (!checksumHolds(block)) throw fail('a header with a wrong checksum')
    const type = String.fromCharCode(block[156]!)
    const size = number(block, 124, 12)
    if (!Number.isSafeInteger(size) || size < 0) throw fail('a header with an impossible size')
    const extend = extensions[type]
    if (extend !== undefined) {
      if (size > limits.paxBytes) throw fail(`an extended header of ${size} bytes, at most ${limits.paxBytes} are read,`)
      collect(size, (bytes) => {
        const told = extend(bytes)
        if (told === undefined) throw fail('a broken extended header')
        if (type === 'g') shared = { ...shared, ...told }
        else long = { ...long, ...told }
        skip = padding(size)
      })
      return
    }
    const extended = { ...shared, ...long }
    long = {}
    if (type === 'S' && block[482] !== 0) {
      const further = (map: Buffer): void => (map[504] === 0 ? entry(block, size, extended) : collect(BLOCK, further))
      collect(BLOCK, further)
    } else entry(block, size, extended)
  }

  const entry = (block: Buffer, headerSize: number, extended: Extension) => {
    if (++entries > limits.entries) throw new AppError('invalid', `${named} has more than ${limits.entries} entries: not read further`)
    const path = extended['GNU.sparse.name'] ?? extended['path'] ?? nameOf(block)
    if (path.length > limits.pathBytes) throw fail(`a name of ${path.length} characters, at most ${limits.pathBytes} are read,`)
    const kind = kindOf(block, path, extended)
    const stored = extended['size'] === undefined ? headerSize : Number(extended['size'])
    if (!Number.isSafeInteger(stored) || stored < 0) throw fail('an extended header with an impossible size')
    const size = hasContent(kind) ? stored : 0
    const target = extended['linkpath'] ?? text(block, 157, 100)
    names += path.length + target.length
    if (names > limits.namesLength)
      throw new AppError('invalid', `${named} has more than ${limits.namesLength} characters of names: not read further`)
    const found: TarEntry = { path, kind, size, mode: number(block, 100, 8) & 0o7777, target, offset: position }
    if (!visitor.visit(found)) {
      skip = size + padding(size)
      return
    }
    if (visitor.starts === undefined) content(found, Buffer.alloc(0))
    else
      collect(Math.min(size, HEAD), (head) => {
        if (visitor.starts!(found, head)) content(found, head)
        else skip = size - head.length + padding(size)
      })
  }

  const content = (found: TarEntry, head: Buffer) => {
    const { size } = found
    if (size > limits.passingBytes) throw fail(`a file of ${size} bytes, at most ${limits.passingBytes} are read,`)
    const taken = (bytes: Buffer) => {
      visitor.take(found, bytes)
      skip = padding(size)
    }
    if (head.length === size) taken(head)
    else collect(size, taken, head, visitor.room?.(found))
  }

  return {
    get ended() {
      return ended
    },
    get skippable() {
      return skip
    },
    jump() {
      position += skip
      skip = 0
    },
    push(chunk) {
      let at = 0
      while (at < chunk.length && !ended) {
        if (skip > 0) {
          const step = Math.min(skip, chunk.length - at)
          skip -= step
          at += step
          position += step
        } else if (pending !== undefined) {
          const step = Math.min(pending.bytes.length - pending.held, chunk.length - at)
          pending.bytes.set(chunk.subarray(at, at + step), pending.held)
          pending.held += step
          at += step
          position += step
          if (pending.held === pending.bytes.length) finish()
        } else if (chunk.length - at >= BLOCK) {
          const block = Buffer.from(chunk.buffer, chunk.byteOffset + at, BLOCK)
          at += BLOCK
          position += BLOCK
          header(block)
        } else collect(BLOCK, header)
      }
    },
    end() {
      if (pending !== undefined || skip > 0) throw fail('it is truncated')
    },
  }
}

/** What each kind of extended header says of the next entry: pax `x`, of all that follow: pax `g`, GNU long name `L` and link `K`. */
const extensions: Readonly<Record<string, (bytes: Buffer) => Extension | undefined>> = {
  x: paxRecords,
  g: paxRecords,
  L: (bytes) => ({ path: text(bytes, 0, bytes.length) }),
  K: (bytes) => ({ linkpath: text(bytes, 0, bytes.length) }),
}

/** POSIX pax, "Extended Header": records `length keyword=value\n`, where length counts the whole record in bytes. */
function paxRecords(bytes: Buffer): Extension | undefined {
  const records: Extension = {}
  let at = 0
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at)
    const length = blank === -1 ? Number.NaN : Number(bytes.toString('latin1', at, blank))
    const end = at + length
    if (!Number.isInteger(length) || length <= blank - at || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined
    const equals = bytes.indexOf(0x3d, blank)
    if (equals === -1 || equals >= end) return undefined
    const key = bytes.toString('utf8', blank + 1, equals)
    if (kept.has(key)) records[key] = bytes.toString('utf8', equals + 1, end - 1)
    at = end
  }
  return records
}
const kept = new Set(['path', 'linkpath', 'size', 'GNU.sparse.name', 'GNU.sparse.major', 'GNU.sparse.map'])

function kindOf(block: Buffer, path: string, extended: Extension): TarKind {
  if (extended['GNU.sparse.major'] !== undefined || extended['GNU.sparse.map'] !== undefined) return 'sparse'
  const kind = kinds[String.fromCharCode(block[156]!)] ?? 'other'
  // Before ustar a folder was a file whose name ends in a slash.
  return kind === 'file' && path.endsWith('/') ? 'directory' : kind
}
const kinds: Readonly<Record<string, TarKind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '6': 'device',
  '5': 'directory',
  S: 'sparse',
}
/** The others have none, whatever their size field says: so do the tools that unpack images. */
const hasContent = (kind: TarKind): boolean => kind === 'file' || kind === 'sparse' || kind === 'other'

function nameOf(block: Buffer): string {
  const name = text(block, 0, 100)
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0'
  return ustar && block[345] !== 0 ? `${text(block, 345, 155)}/${name}` : name
}

function text(block: Buffer, from: number, length: number): string {
  const zero = block.subarray(from, from + length).indexOf(0)
  return block.toString('utf8', from, zero === -1 ? from + length : from + zero)
}

/** Octal digits between blanks and zeros, or GNU's base-256 with the first bit set. NaN: neither. */
function number(block: Buffer, from: number, length: number): number {
  if (block[from]! & 0x80) {
    let value = block[from]! & 0x7f
    for (let i = 1; i < length; i++) value = value * 256 + block[from + i]!
    return value
  }
  let value = 0
  let digits = false
  for (let i = from; i < from + length; i++) {
    const digit = block[i]! - 0x30
    if (digit >= 0 && digit < 8) {
      value = value * 8 + digit
      digits = true
    } else if (block[i] !== 0x20 && block[i] !== 0) return Number.NaN
    else if (digits) return value
  }
  return value
}

function checksumHolds(block: Buffer): boolean {
  let sum = 8 * 0x20
  for (let i = 0; i < 148; i++) sum += block[i]!
  for (let i = 156; i < BLOCK; i++) sum += block[i]!
  return sum === number(block, 148, 8)
}

const isZero = (block: Buffer): boolean => block[0] === 0 && block.every((byte) => byte === 0)
const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK
