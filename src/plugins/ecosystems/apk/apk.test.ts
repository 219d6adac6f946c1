import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { apkDatabase } from './apk-database.ts'
import { apk } from './index.ts'

const text = readFileSync(join(import.meta.dirname, 'fixtures/installed'), 'utf8')
const PATH = 'lib/apk/db/installed'
const read = (content: string | Uint8Array, beside: Readonly<Record<string, string>> = {}) =>
  apkDatabase.read(fileOf(PATH, content), near(beside))

/** Writes a tree of values as apk-v3(5) describes it: nobody packs apk-tools 3 for the machines these tests run on. */
function treeOf(root: Tree): Buffer {
  const parts: Buffer[] = [Buffer.alloc(8)]
  let size = 8
  const put = (bytes: Buffer): number => {
    const padding = (4 - (size % 4)) % 4
    parts.push(Buffer.alloc(padding), bytes)
    const at = size + padding
    size = at + bytes.length
    return at
  }
  const wordOf = (value: Tree): number => {
    if (value === null) return 0
    if (typeof value === 'number') return (0x1000_0000 | value) >>> 0
    if (typeof value === 'string' || Buffer.isBuffer(value)) {
      const bytes = Buffer.from(value as Buffer)
      const [type, head] = bytes.length < 256 ? [8, Buffer.from([bytes.length])] : [10, Buffer.alloc(4)]
      if (type === 10) head.writeUInt32LE(bytes.length)
      return ((type << 28) | put(Buffer.concat([head, bytes]))) >>> 0
    }
    const words =
      value.times === undefined
        ? (value.array ?? value.object ?? []).map(wordOf)
        : Array<number>(value.times).fill(wordOf(value.same ?? null))
    const slots = Buffer.alloc(4 * (words.length + 1))
    for (const [at, word] of [words.length + 1, ...words].entries()) slots.writeUInt32LE(word, at * 4)
    return (((value.object ? 14 : 13) << 28) | put(slots)) >>> 0
  }
  const word = wordOf(root)
  const payload = Buffer.concat(parts)
  payload.writeUInt32LE(word, 4)
  const block = Buffer.alloc(4)
  block.writeUInt32LE(payload.length + 4)
  return Buffer.concat([block, payload])
}
/** `same`: one value, many words that point to it. */
type Tree =
  | null
  | number
  | string
  | Buffer
  | { readonly array?: readonly Tree[]; readonly object?: readonly Tree[]; readonly same?: Tree; readonly times?: number }

const dependency = (name: string, match?: number): Tree => ({ object: match === undefined ? [name] : [name, '1', match] })
const info = (name: string, version: string, origin: string, depends: Tree[], provides: Tree[]): Tree => ({
  object: [
    name,
    version,
    null,
    null,
    'x86_64',
    'MIT',
    origin,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    { array: depends },
    { array: provides },
  ],
})
const packaged = (one: Tree, paths: readonly (readonly [string, readonly string[]])[]): Buffer =>
  treeOf({
    object: [
      one,
      { array: paths.map(([name, files]) => ({ object: [name, null, { array: files.map((file) => ({ object: [file] })) }] })) },
    ],
  })
const fileWith = (schema: string, body: Buffer) => Buffer.concat([Buffer.from('ADB.'), Buffer.from(schema, 'latin1'), body])
const binary = fileWith(
  'idb\0',
  treeOf({
    object: [
      {
        array: [
          packaged(info('libssl3', '3.5.4-r0', 'openssl', [dependency('so:libcrypto.so.3'), dependency('libressl', 17)], []), [
            ['usr/lib', ['libssl.so.3']],
          ]),
          packaged(info('libcrypto3', '3.5.4-r0', 'openssl', [], [dependency('so:libcrypto.so.3', 1)]), [
            ['usr/lib', ['libcrypto.so.3']],
            ['', ['.trace']],
          ]),
        ],
      },
    ],
  }),
)

const places = { wants: ['usr/lib/apk/db/installed'], refuses: ['lib/apk/db/scripts.tar', 'home/lib/apk/db/installed', 'etc/apk/world'] }
extractorContract(apkDatabase, { path: PATH, content: text, ...places })
extractorContract(apkDatabase, { path: PATH, content: binary, ...places })

describe('the apk database in lines', () => {
  it('lists packages with origin, licence, and what provides what they need', async () => {
    const { occurrences, gaps, owned } = await read(text)
    expect(gaps).toEqual([])
    const purl = (name: string, version: string) => `pkg:apk/alpine/${name}@${version}?arch=x86_64`
    const found = (name: string, version: string, source: string, licence: string, needs: readonly string[] = []) => ({
      component: { purl: purl(name, version), type: 'apk', name, version, arch: 'x86_64', source: { name: source, version } },
      at: { path: PATH },
      extractor: 'apk/database',
      ...(needs.length > 0 && { dependsOn: needs }),
      licences: [licence],
    })
    const musl = purl('musl', '1.2.4_git20230717-r4')
    expect(occurrences).toEqual([
      found('alpine-baselayout', '3.4.3-r2', 'alpine-baselayout', 'GPL-2.0-only', [purl('busybox-binsh', '1.36.1-r15')]),
      found('libcrypto3', '3.1.4-r5', 'openssl', 'Apache-2.0', [musl]),
      found('libssl3', '3.1.4-r5', 'openssl', 'Apache-2.0', [purl('libcrypto3', '3.1.4-r5'), musl]),
      found('musl', '1.2.4_git20230717-r4', 'musl', 'MIT'),
      found('busybox-binsh', '1.36.1-r15', 'busybox', 'GPL-2.0-only'),
    ])
    expect(owned).toEqual([
      { owner: 'alpine-baselayout', paths: ['etc/motd', '.profile'] },
      { owner: 'libcrypto3', paths: ['lib/libcrypto.so.3'] },
      { owner: 'libssl3', paths: ['lib/libssl.so.3'] },
      { owner: 'musl', paths: ['lib/ld-musl-x86_64.so.1', 'lib/libc.musl-x86_64.so.1'] },
      { owner: 'busybox-binsh', paths: ['bin/sh'] },
    ])
  })

  it('knows what was asked for where the world is beside it', async () => {
    const { occurrences } = await read(text, { 'etc/apk/world': 'alpine-baselayout\nlibssl3>3@edge !libressl\n' })
    expect(occurrences.filter(({ direct }) => direct).map(({ component: { name } }) => name)).toEqual(['alpine-baselayout', 'libssl3'])
    expect(occurrences.filter(({ direct }) => direct === undefined)).toEqual([])
  })

  it('tells broken packages and keeps the others', async () => {
    const { occurrences, gaps } = await read('P:a b\nV:1\n\nP:nothing\n\nV:1\n\nno field\nP:good\nV:1.0-r0\n\nP:bad\nV:1 0\n\nP:cut\nV:1.2')
    expect(occurrences.map(({ component: { purl } }) => purl)).toEqual(['pkg:apk/alpine/good@1.0-r0'])
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'line 16: ends in mid-line (apk ends every line): what followed is not known',
      'line 1: expected a package name of letters, digits and + - . _',
      'line 4: package nothing: no version',
      'line 6: no name',
      'line 8: expected a letter and a colon',
      'line 12: package bad: expected a version of printable ASCII without blanks',
      'line 15: package cut: no version',
    ])
  })
})

describe('the binary apk database', () => {
  const component = (name: string) => ({
    ...{ purl: `pkg:apk/alpine/${name}@3.5.4-r0?arch=x86_64`, type: 'apk', name, version: '3.5.4-r0', arch: 'x86_64' },
    source: { name: 'openssl', version: '3.5.4-r0' },
  })
  const head = (letter: string, ...more: number[]) => Buffer.concat([Buffer.from(`ADB${letter}`), Buffer.from(more)])
  it.each([
    ['as it is', binary],
    ['packed by deflate', Buffer.concat([head('d'), deflateRawSync(binary)])],
    ['not packed, with a header', Buffer.concat([head('c', 0, 0), binary])],
    ['packed by deflate, with a header', Buffer.concat([head('c', 1, 9), deflateRawSync(binary)])],
    ['packed by zstd, with a header', Buffer.concat([head('c', 2, 3), zstdCompressSync(binary)])],
  ])('is read %s', async (_, content) => {
    const { occurrences, gaps, owned } = await read(content)
    expect(gaps).toEqual([])
    expect(occurrences.map((one) => [one.component, one.licences, one.dependsOn])).toEqual([
      [component('libssl3'), ['MIT'], [component('libcrypto3').purl]],
      [component('libcrypto3'), ['MIT'], undefined],
    ])
    expect(owned).toEqual([
      { owner: 'libssl3', paths: ['usr/lib/libssl.so.3'] },
      { owner: 'libcrypto3', paths: ['usr/lib/libcrypto.so.3', '.trace'] },
    ])
  })

  it('is not taken for one of installed packages where it is an index or a package', async () => {
    await expect(read(fileWith('indx', treeOf({ object: [] })))).rejects.toThrow(
      'expected a database of installed packages, got schema 78646e69',
    )
  })

  it('does not follow values that share their place without end', async () => {
    const files = { same: { object: ['f'] }, times: 2000 }
    const paths = { same: { object: ['usr', null, files] }, times: 2000 }
    const body = treeOf({ object: [{ array: [treeOf({ object: [info('a', '1-r0', 'a', [], []), paths] })] }] })
    const { occurrences, gaps } = await read(fileWith('idb\0', body))
    expect(occurrences).toEqual([])
    expect(gaps.map(({ reason }) => reason)).toEqual(['package 1: more values than the database has room for: not read further'])
  })

  it('does not unpack more than a file may hold', async () => {
    const zeros = deflateRawSync(Buffer.alloc(80 << 20))
    await expect(read(Buffer.concat([head('d'), zeros]))).rejects.toThrow('it unpacks to more than 67108864 bytes: not read')
  })
})

describe('by whose advisories a package is judged', () => {
  const component = { purl: 'pkg:apk/alpine/libssl3@3.1.4-r5', type: 'apk', name: 'libssl3', version: '3.1.4-r5' }
  const source = { name: 'openssl', version: '3.1.4-r5' }
  it.each([
    ['alpine:3.19.1', 'Alpine:v3.19'],
    ['alpine:3.9', 'Alpine:v3.9'],
    ['wolfi:20230201', 'Wolfi'],
    ['chainguard:20230214', 'Chainguard'],
    ['alpine:3.24_alpha20260805', undefined],
    ['postmarketos:v24.06', undefined],
    ['alpine', undefined],
    [undefined, undefined],
  ])('on %s', (distro, ecosystem) => {
    const key = apk.advisoryKey({ ...component, source, ...(distro !== undefined && { distro }) })
    expect(key).toEqual(ecosystem && { ecosystem, name: 'openssl', version: '3.1.4-r5' })
  })
  it('under its own name where it has no origin', () => {
    expect(apk.advisoryKey({ ...component, distro: 'wolfi' })).toEqual({ ecosystem: 'Wolfi', name: 'libssl3', version: '3.1.4-r5' })
  })
})
