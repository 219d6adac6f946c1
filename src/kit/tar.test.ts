import fc from 'fast-check'
import { extract, pack, type Header } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { tarOf } from '../../test/archives.ts'
import { limits } from './limits.ts'
import { walkTar, type TarEntry } from './tar.ts'

type Seen = { readonly path: string; readonly kind: string; readonly mode: number; readonly target: string; readonly content: string }

/** Everything our walker sees, the archive handed over in pieces of `step` bytes. */
function walked(archive: Buffer, step: number, most = limits): readonly Seen[] {
  const seen: { entry: TarEntry; content: Buffer }[] = []
  const walk = walkTar(
    {
      visit: (entry) => {
        seen.push({ entry, content: Buffer.alloc(0) })
        return entry.kind === 'file'
      },
      take: (_, content) => {
        seen.at(-1)!.content = content
      },
    },
    'archive',
    most,
  )
  for (let at = 0; at < archive.length; at += step) walk.push(archive.subarray(at, at + step))
  walk.end()
  return seen.map(({ entry: { path, kind, mode, target }, content }) => ({ path, kind, mode, target, content: content.toString('hex') }))
}

const kinds: Readonly<Record<string, string>> = {
  file: 'file',
  link: 'link',
  symlink: 'symlink',
  directory: 'directory',
  'character-device': 'device',
  fifo: 'device',
}

/** The same by tar-stream, the reference. */
async function reference(archive: Buffer): Promise<readonly Seen[]> {
  const seen: Seen[] = []
  const reader = extract()
  reader.end(archive)
  for await (const entry of reader) {
    const pieces: Buffer[] = []
    for await (const piece of entry) pieces.push(Buffer.from(piece as Uint8Array))
    const { name, type, mode, linkname } = entry.header
    seen.push({ path: name, kind: kinds[type ?? '']!, mode: mode!, target: linkname ?? '', content: Buffer.concat(pieces).toString('hex') })
  }
  return seen
}

async function packed(headers: readonly { header: Header; content: Uint8Array }[]): Promise<Buffer> {
  const archive = pack()
  for (const { header, content } of headers) archive.entry(header, Buffer.from(content))
  archive.finalize()
  const pieces: Buffer[] = []
  for await (const piece of archive) pieces.push(Buffer.from(piece as Uint8Array))
  return Buffer.concat(pieces)
}

const name = fc
  .array(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), { minLength: 1, maxLength: 5 })
  .map((steps) => steps.join('/').replaceAll('\0', '_').replaceAll('\n', '_'))
  .filter((path) => !path.endsWith('/') && path.isWellFormed())
const entry = fc
  .record({
    name,
    type: fc.constantFrom('file', 'file', 'link', 'symlink', 'directory', 'character-device', 'fifo'),
    mode: fc.nat(0o7777),
    linkname: name,
    content: fc.uint8Array({ maxLength: 1500 }),
  })
  .map(({ name, type, mode, linkname, content }) => {
    const links = type === 'link' || type === 'symlink'
    const header = { name, type, mode, mtime: new Date(0), ...(links && { linkname }) } as Header
    return { header, content: type === 'file' ? content : new Uint8Array() }
  })

describe('walkTar', () => {
  it('sees what tar-stream sees, however the archive is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 1, max: 2000 }), async (entries, step) => {
        const archive = await packed(entries)
        expect(walked(archive, step)).toEqual(await reference(archive))
      }),
      { numRuns: 150 },
    )
  })

  it('never throws anything but AppError, and ends, on noise in an archive', async () => {
    const archive = await tarOf([
      { name: 'a', content: 'x'.repeat(700) },
      { name: `${'l'.repeat(120)}/b`, content: 'y' },
      { name: 'c', symlink: 'a' },
    ])
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(archive.length), (changes, cut) => {
        const noisy = Buffer.from(archive)
        for (const [at, byte] of changes) noisy[at] = byte
        try {
          walked(noisy.subarray(0, cut), 512)
        } catch (thrown) {
          expect((thrown as Error).name).toBe('AppError')
        }
      }),
    )
  })

  const refused: readonly [string, () => Promise<Buffer>, RegExp][] = [
    ['an archive cut in a header', async () => (await tarOf([{ name: 'a', content: 'x' }])).subarray(0, 300), /truncated/],
    ['an archive cut in content', async () => (await tarOf([{ name: 'a', content: 'x'.repeat(2000) }])).subarray(0, 1024), /truncated/],
    ['text', async () => Buffer.from('not a tar archive '.repeat(60)), /wrong checksum/],
    ['a size past all numbers', async () => sealed({ size: Buffer.from([0xff, ...Array<number>(11).fill(0xff)]) }), /impossible size/],
    ['a size that is no number', async () => sealed({ size: Buffer.from('zzzzzzzzzzz\0') }), /impossible size/],
    ['a huge pax header', async () => sealed({ type: 'x', size: Buffer.from('00040000000\0') }), /extended header of 8388608 bytes/],
    [
      'a broken pax header',
      async () => Buffer.concat([sealed({ type: 'x', size: octal(10) }), block('99 path=a\n')]),
      /broken extended header/,
    ],
    ['a pax size that is no number', async () => withPax('size=-1'), /impossible size/],
    ['a name past the limit', async () => withPax(`path=${'a/'.repeat(3000)}b`), /a name of 6001 characters/],
    ['a lone zero block', async () => Buffer.concat([Buffer.alloc(512), sealed({})]), /lone zero block/],
  ]
  it.each(refused)('refuses %s', async (_, build, message) => {
    const archive = await build()
    expect(() => walked(archive, 512)).toThrow(message)
  })

  it('refuses more entries than the limit', async () => {
    const archive = await tarOf(['a', 'b', 'c'].map((name) => ({ name })))
    expect(() => walked(archive, 512, { ...limits, entries: 2 })).toThrow('archive has more than 2 entries: not read further')
  })

  it('keeps of extended headers only what it uses, however many follow each other', () => {
    const walk = walkTar({ visit: () => false, take: () => {} }, 'archive')
    for (let at = 0; at < 1_000; at++) {
      const records = Array.from({ length: 500 }, (_, i) => `26 GNU.sparse.${String(at * 500 + i).padStart(10, '0')}=\n`).join('')
      walk.push(Buffer.concat([sealed({ type: 'x', size: octal(records.length) }), block(records)]))
    }
    expect(() => walk.end()).not.toThrow()
  })
  it('refuses more names than the limit', async () => {
    const archive = await tarOf(['a/b', 'c/d'].map((name) => ({ name, symlink: 'e/f' })))
    expect(() => walked(archive, 512, { ...limits, namesLength: 11 })).toThrow(
      'archive has more than 11 characters of names: not read further',
    )
  })

  it('reads GNU long names, invalid UTF-8, base-256 sizes and old folders', () => {
    const long = `${'d'.repeat(150)}/file`
    const archive = Buffer.concat([
      ...[sealed({ type: 'L', size: octal(long.length + 1), name: '././@LongLink' }), block(`${long}\0`), sealed({ name: 'short' })],
      sealed({ name: Buffer.from([0x61, 0xff, 0x62]) }),
      ...[sealed({ name: 'big', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]) }), block('abc')],
      sealed({ name: 'folder/' }),
      Buffer.alloc(1024),
    ])
    expect(walked(archive, 512).map(({ path, kind, content }) => [path, kind, Buffer.from(content, 'hex').toString()])).toEqual([
      [long, 'file', ''],
      ['a\ufffdb', 'file', ''],
      ['big', 'file', 'abc'],
      ['folder/', 'directory', ''],
    ])
  })

  it('shows the first bytes and hands over only what is wanted after that, however the archive is cut', async () => {
    const sizes = [0, 1, 511, 512, 513, 1_024, 3_000]
    const content = (size: number, letter: string) => letter.repeat(size)
    const archive = await tarOf(
      sizes.flatMap((size) => ['a', 'b'].map((name) => ({ name: `${name}${size}`, content: content(size, name) }))),
    )
    for (const piece of [1, 300, 512, 1_000, archive.length]) {
      const heads: string[] = []
      const taken: string[] = []
      const visitor = {
        visit: () => true,
        starts({ path }: TarEntry, head: Buffer) {
          heads.push(`${path} ${head.length}`)
          return head.length === 0 || head[0] === 0x61
        },
        take: ({ path, size }: TarEntry, bytes: Buffer) => {
          taken.push(`${path} ${bytes.equals(Buffer.from(content(size, path.charAt(0))))}`)
        },
      }
      const walk = walkTar(visitor, 'test')
      for (let at = 0; at < archive.length; at += piece) walk.push(archive.subarray(at, at + piece))
      walk.end()
      expect(heads).toEqual(sizes.flatMap((size) => ['a', 'b'].map((name) => `${name}${size} ${Math.min(size, 512)}`)))
      expect(taken).toEqual(['a0 true', 'b0 true', ...sizes.slice(1).map((size) => `a${size} true`)])
    }
  })

  it('tells sparse files apart, steps over their maps, and ignores what follows the end', () => {
    const gnu = sealed({ name: 'gnu', type: 'S', size: octal(4), at: [[482, Buffer.from([1])]] })
    const archive = Buffer.concat([
      ...[gnu, Buffer.alloc(512), block('data')],
      ...[sealed({ type: 'x', size: octal(22) }), block('22 GNU.sparse.major=1\n'), sealed({ name: 'pax', size: octal(2) }), block('ok')],
      ...[sealed({ name: 'after' }), Buffer.alloc(1024), Buffer.from('rubbish after the end')],
    ])
    expect(walked(archive, 512).map(({ path, kind }) => [path, kind])).toEqual([
      ['gnu', 'sparse'],
      ['pax', 'sparse'],
      ['after', 'file'],
    ])
  })
})

const octal = (value: number): Buffer => Buffer.from(`${value.toString(8).padStart(11, '0')}\0`)
const block = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc((512 - (Buffer.byteLength(text) % 512)) % 512)])

/** A header block written by hand, with a right checksum. */
function sealed({
  name = 'x',
  type = '0',
  size = octal(0),
  at = [],
}: {
  name?: string | Buffer
  type?: string
  size?: Buffer
  at?: [number, Buffer][]
}): Buffer {
  const header = Buffer.alloc(512)
  Buffer.from(name).copy(header, 0)
  header.write('0000644\0', 100)
  size.copy(header, 124)
  header.write(type, 156)
  header.write('ustar  \0', 257)
  for (const [offset, bytes] of at) bytes.copy(header, offset)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

function withPax(record: string): Buffer {
  const body = `${record}\n`
  let length = body.length + 2
  while (`${length} ${body}`.length !== length) length++
  const text = `${length} ${body}`
  return Buffer.concat([sealed({ type: 'x', size: octal(text.length) }), block(text), sealed({}), Buffer.alloc(1024)])
}
