import { describe, expect, it } from 'vitest'
import { sha256, tarOf, type Entry } from '../../../test/archives.ts'
import { programExtractor, testExtractors } from '../../../test/extractors.ts'
import type { Cache, Layer } from '../../model/seams.ts'
import { extractLayers } from './extract-layers.ts'

type Counted = Layer & { reads: number; verifies: number }
async function layerOf(entries: readonly Entry[], piece: number): Promise<Counted> {
  const bytes = await tarOf(entries)
  const layer: Counted = {
    diffId: sha256(bytes),
    reads: 0,
    verifies: 0,
    async open() {
      layer.reads++
      return (async function* () {
        for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
      })()
    },
    async verify() {
      layer.verifies++
    },
  }
  return layer
}
const layersOf = (layers: readonly (readonly Entry[])[], piece = 1 << 20) => Promise.all(layers.map((entries) => layerOf(entries, piece)))

/** What is found, as `name@version path layer-number`, and the gaps. */
async function found(layers: readonly (readonly Entry[])[], extractors = testExtractors, more = {}) {
  const built = await layersOf(layers)
  const { occurrences, gaps } = await extractLayers(built, extractors, more)
  const number = (digest: string | undefined) => built.findIndex(({ diffId }) => diffId === digest)
  return {
    found: occurrences.map(
      ({ component: c, at, ownedBy }) => `${c.name}@${c.version} ${at.path} ${number(at.layer)}${ownedBy ? ` of ${ownedBy}` : ''}`,
    ),
    gaps: gaps.map(({ path, reason }) => `${path}: ${reason}`),
  }
}
const file = (name: string, content: string): Entry => ({ name, content })
const list = (content: string): Entry => file('var/lib/pkg/list', content)

describe('extractLayers', () => {
  const cases: readonly [string, readonly (readonly Entry[])[], readonly string[]][] = [
    [
      'names the layer that brought a file',
      [[file('a/lib.txt', 'a 1')], [file('b/lib.txt', 'b 1')]],
      ['a@1 a/lib.txt 0', 'b@1 b/lib.txt 1'],
    ],
    ['lets an upper file replace a lower one', [[file('a/lib.txt', 'a 1')], [file('./a/lib.txt', 'a 2')]], ['a@2 a/lib.txt 1']],
    ['removes a whited-out file', [[file('a/lib.txt', 'a 1')], [file('a/.wh.lib.txt', '')]], []],
    [
      'removes all below a whited-out folder',
      [[file('a/b/lib.txt', 'a 1'), file('ab/lib.txt', 'ab 1')], [file('.wh.a', '')]],
      ['ab@1 ab/lib.txt 0'],
    ],
    [
      'empties an opaque folder, but not of what the same layer brings',
      [[file('a/x/lib.txt', 'old 1')], [file('a/y/lib.txt', 'new 1'), file('a/.wh..wh..opq', '')]],
      ['new@1 a/y/lib.txt 1'],
    ],
    [
      'takes no whiteout of a layer for its own file',
      [[file('a/lib.txt', 'a 1')], [file('a/.wh.lib.txt', ''), file('a/lib.txt', 'a 2')]],
      ['a@2 a/lib.txt 1'],
    ],
    [
      'ignores names that AUFS keeps for itself',
      [[file('a/lib.txt', 'a 1')], [file('.wh..wh.plnk/a', ''), file('.wh..wh.aufs', '')]],
      ['a@1 a/lib.txt 0'],
    ],
    ['hides a folder behind a file', [[file('a/b/lib.txt', 'a 1')], [file('a', 'now a file')]], []],
    ['hides a folder behind a link', [[file('a/b/lib.txt', 'a 1')], [{ name: 'a', symlink: 'elsewhere' }]], []],
    ['hides a file behind a folder', [[file('a/lib.txt', 'a 1')], [{ name: 'a/lib.txt/' }]], []],
    ['hides a file behind a folder that is not listed', [[file('a/lib.txt', 'a 1')], [file('a/lib.txt/x', '')]], []],
    ['hides a file behind a device', [[file('a/lib.txt', 'a 1')], [{ name: 'a/lib.txt', type: 'character-device' }]], []],
    ['keeps a folder that is named again', [[file('a/lib.txt', 'a 1')], [{ name: 'a/' }]], ['a@1 a/lib.txt 0']],
    [
      'keeps a package with the layer that introduced it, though the database is written anew',
      [[list('bash 1\ncurl 1\ntar 1\n')], [list('bash 1\ncurl 2\ngit 1\n')], [list('bash 1\ncurl 2\ntar 1\n')]],
      ['bash@1 var/lib/pkg/list 0', 'curl@2 var/lib/pkg/list 1', 'tar@1 var/lib/pkg/list 2'],
    ],
    [
      'forgets who introduced what was removed',
      [[list('bash 1\n')], [file('var/lib/pkg/.wh.list', '')], [list('bash 1\n\n')]],
      ['bash@1 var/lib/pkg/list 2'],
    ],
    [
      'reads single records side by side',
      [[file('var/lib/pkg/list.d/a', 'a 1')], [file('var/lib/pkg/list.d/b', 'b 1'), file('var/lib/pkg/list.d/.wh.a', '')]],
      ['b@1 var/lib/pkg/list.d/b 1'],
    ],
    [
      'knows the owner of a file across layers, /usr merged or not',
      [[file('var/lib/pkg/files/bash', 'lib/x/lib.txt')], [file('usr/lib/x/lib.txt', 'x 1')]],
      ['x@1 usr/lib/x/lib.txt 1 of bash'],
    ],
    [
      'does not believe the file list of a removed package',
      [[file('var/lib/pkg/files/bash', 'x/lib.txt'), file('x/lib.txt', 'x 1')], [file('var/lib/pkg/files/.wh.bash', '')]],
      ['x@1 x/lib.txt 0'],
    ],
    [
      'follows a lower link to a folder',
      [
        [{ name: 'lib', symlink: 'usr/lib' }, file('usr/lib/x/lib.txt', 'x 1')],
        [file('lib/x/lib.txt', 'x 2'), file('lib/y/lib.txt', 'y 1')],
      ],
      ['x@2 usr/lib/x/lib.txt 1', 'y@1 usr/lib/y/lib.txt 1'],
    ],
    [
      'whites out through a lower link',
      [[{ name: 'lib', symlink: '/usr/lib' }, file('usr/lib/x/lib.txt', 'x 1')], [file('lib/x/.wh.lib.txt', '')]],
      [],
    ],
    [
      'lets a folder take the place of a lower link',
      [
        [{ name: 'lib', symlink: 'usr/lib' }, file('usr/lib/x/lib.txt', 'x 1')],
        [{ name: 'lib/' }, file('lib/x/lib.txt', 'x 2')],
      ],
      ['x@1 usr/lib/x/lib.txt 0', 'x@2 lib/x/lib.txt 1'],
    ],
    [
      'does not follow a link that an upper layer removed',
      [[{ name: 'lib', symlink: 'usr/lib' }], [file('.wh.lib', '')], [file('lib/x/lib.txt', 'x 1')]],
      ['x@1 lib/x/lib.txt 2'],
    ],
    [
      'survives links in a circle',
      [
        [
          { name: 'a', symlink: 'b' },
          { name: 'b', symlink: 'a' },
        ],
        [file('a/lib.txt', 'a 1')],
      ],
      ['a@1 a/lib.txt 1'],
    ],
    [
      'lets a link lead no higher than the root',
      [[{ name: 'up', symlink: '../../../top' }], [file('up/lib.txt', 'a 1')]],
      ['a@1 top/lib.txt 1'],
    ],
    ['reads a hard link as the file it is', [[file('a/data', 'a 1'), { name: 'a/lib.txt', link: 'a/data' }]], ['a@1 a/lib.txt 0']],
    ['takes the last of entries with one name', [[file('lib.txt', 'a 1'), file('lib.txt', 'a 2')]], ['a@2 lib.txt 0']],
    [
      'drops what came before its folder was replaced',
      [[file('a/lib.txt', 'a 1'), { name: 'a/' }, { name: 'a', symlink: 'b' }, file('b/lib.txt', 'b 1')]],
      ['b@1 b/lib.txt 0'],
    ],
    ['reads a neighbour that was not wanted itself', [[file('x/lib.txt', 'x 1 more'), file('x/more', '.5')]], ['x@1.5 x/lib.txt 0']],
    [
      'follows links to a neighbour',
      [[{ name: 'x/more', symlink: '/etc/more' }, file('etc/more', '.7'), file('x/lib.txt', 'x 1 more')]],
      ['x@1.7 x/lib.txt 0'],
    ],
    ['says when a neighbour is not there', [[file('x/lib.txt', 'x 1 more')]], ['x@1-absent x/lib.txt 0']],
  ]
  it.each(cases)('%s', async (_, layers, expected) => {
    const nothing = ': nothing was found here that tells what is installed: what it holds is unknown'
    expect(await found(layers)).toEqual({ found: expected, gaps: expected.length === 0 ? [nothing] : [] })
  })

  const broken: readonly [string, readonly Entry[], readonly string[]][] = [
    ['a path that leads out', [file('../../etc/lib.txt', 'a 1')], ['../../etc/lib.txt: its path leads out of the image: not looked at']],
    ['a path in between', [file('a/../../lib.txt', 'a 1')], ['a/../../lib.txt: its path leads out of the image: not looked at']],
    [
      'a path too deep',
      [file(`${'a/'.repeat(128)}lib.txt`, 'a 1')],
      [`${'a/'.repeat(128)}lib.txt: more than 128 folders deep: not looked at`],
    ],
    [
      'a hard link to nothing',
      [{ name: 'lib.txt', link: 'absent' }],
      ['lib.txt: a hard link to what is not a file of the same layer: not read'],
    ],
    [
      'a hard link out',
      [{ name: 'lib.txt', link: '../../etc/shadow' }],
      ['lib.txt: a hard link to what is not a file of the same layer: not read'],
    ],
    ['a library that is broken', [file('lib.txt', 'broken 1')], ['lib.txt: this library is broken']],
    ['a file past the limit', [file('lib.txt', 'a'.repeat(101))], ['lib.txt: 101 bytes, at most 100 of one file are read']],
    [
      'more to hold than the limit',
      [file('1/lib.txt', 'a'.repeat(99)), file('2/lib.txt', 'b'.repeat(99))],
      ['2/lib.txt: more than 150 bytes of package files in one layer: not read'],
    ],
  ]
  it.each(broken)('tells %s', async (_, layer, gaps) => {
    const { gaps: told } = await found([layer], testExtractors, { limits: { fileBytes: 100, heldBytes: 150 } })
    expect(told).toEqual(gaps)
  })

  it('takes an absolute name as one from the root, as tools that unpack do', async () => {
    expect(await found([[file('/a/lib.txt', 'a 1')]])).toEqual({ found: ['a@1 a/lib.txt 0'], gaps: [] })
  })

  it('rejects a layer that is no archive, has too many entries, or fails', async () => {
    const [layer] = await layersOf([[file('a', ''), file('b', '')]])
    const failing = { ...layer!, open: () => Promise.reject(new Error('the digest is wrong')) }
    const garbage = {
      ...layer!,
      open: async () =>
        (async function* () {
          yield Buffer.alloc(600, 1)
        })(),
    }
    await expect(extractLayers([failing], testExtractors)).rejects.toThrow('the digest is wrong')
    await expect(extractLayers([garbage], testExtractors)).rejects.toThrow(/is not a whole tar archive/)
    await expect(extractLayers([layer!], testExtractors, { limits: { entries: 1 } })).rejects.toThrow(/more than 1 entries/)
  })

  it('follows no way through links that has no end in sight', async () => {
    const way = Array.from({ length: 120 }, () => 'x').join('/')
    const links = Array.from({ length: 39 }, (_, i) => ({ name: `l${i}`, symlink: `/l${i + 1}/${way}` }))
    const maze = [...links, ...Array.from({ length: 1_000 }, (_, i) => ({ name: `${i}/lib.txt`, link: 'l0/f' }))]
    const asked = await found([maze])
    expect([asked.found, asked.gaps.length, asked.gaps[0]]).toEqual([
      [],
      1_000,
      '0/lib.txt: a hard link to what is not a file of the same layer: not read',
    ])
  })
  it('holds the limits of one layer for all of them together', async () => {
    const layers = [[list('a 1\nb 1\n')], [list('a 1\nb 1\nc 1\n')]]
    expect((await found(layers, testExtractors, { limits: { occurrences: 5 } })).found).toEqual([
      'a@1 var/lib/pkg/list 0',
      'b@1 var/lib/pkg/list 0',
      'c@1 var/lib/pkg/list 1',
    ])
    await expect(found(layers, testExtractors, { limits: { occurrences: 4 } })).rejects.toThrow(
      'the image has more than 268435456 characters of names or 4 packages: not read further',
    )
    await expect(found(layers, testExtractors, { limits: { namesLength: 31 } })).rejects.toThrow(
      'the image has more than 31 characters of names or 1000000 packages: not read further',
    )
  })
  it('lists no more packages of one layer than can be held', async () => {
    const layer = [file('a/lib.txt', 'a 1'), file('b/lib.txt', 'b 1'), file('c/lib.txt', 'c 1')]
    expect(await found([layer], testExtractors, { limits: { occurrences: 2 } })).toEqual({
      found: ['a@1 a/lib.txt 0', 'b@1 b/lib.txt 0'],
      gaps: ['c/lib.txt: more than 2 packages: those of this file are not listed'],
    })
  })
  it('reads a layer once for the same extractors, and verifies it after', async () => {
    const store = new Map<string, Uint8Array>()
    const cache: Cache = {
      get: async (key) => store.get(key),
      set: async (key, value) => {
        store.set(key, value)
      },
    }
    const layers = await layersOf([[list('bash 1\n')], [list('bash 1\ngit 1\n'), file('lib.txt', 'a 1')]])
    const cold = await extractLayers(layers, testExtractors, { cache })
    const warm = await extractLayers(layers, testExtractors, { cache })
    expect(warm).toEqual(cold)
    expect(layers.map(({ reads, verifies }) => [reads, verifies])).toEqual([
      [1, 1],
      [1, 1],
    ])
    const newer = testExtractors.map((extractor) => ({ ...extractor, version: 2, read: extractor.read.bind(extractor) }))
    expect(await extractLayers(layers, newer, { cache })).toEqual(cold)
    expect(layers.map(({ reads }) => reads)).toEqual([2, 2])
  })

  it('rejects a layer in the cache whose file is not what it was', async () => {
    const store = new Map<string, Uint8Array>()
    const cache: Cache = {
      get: async (key) => store.get(key),
      set: async (key, value) => {
        store.set(key, value)
      },
    }
    const [layer] = await layersOf([[list('bash 1\n')]])
    await extractLayers([layer!], testExtractors, { cache })
    const changed = { ...layer!, verify: () => Promise.reject(new Error('damaged')) }
    await expect(extractLayers([changed], testExtractors, { cache })).rejects.toThrow('damaged')
  })

  const program = (name: string, content: string): Entry => ({ name, content: `PROG${content}`, mode: 0o755 })
  const programs: readonly [string, readonly (readonly Entry[])[], readonly string[]][] = [
    ['reads a program as it comes by', [[program('bin/a', 'a 1'), { ...file('bin/b', 'PROGb 1'), mode: 0o644 }]], ['a@1 bin/a 0']],
    ['knows it by its first bytes', [[{ ...file('bin/a', 'a script'), mode: 0o755 }, program('bin/b', 'b 1')]], ['b@1 bin/b 0']],
    ['takes the last of programs with one name', [[program('bin/a', 'a 1'), program('bin/a', 'a 2')]], ['a@2 bin/a 0']],
    [
      'drops a program that became something else',
      [[program('bin/a', 'a 1'), file('bin/a', 'a text'), program('b', 'b 1'), { name: 'b', symlink: 'bin/a' }, program('c', 'c 1')]],
      ['c@1 c 0'],
    ],
    [
      'drops a program whose folder was replaced',
      [[program('a/p', 'p 1'), { name: 'a/' }, { name: 'a', symlink: 'b' }, program('b/p', 'p 2')]],
      ['p@2 b/p 0'],
    ],
    [
      'reads a program under each of its names',
      [[program('bin/a', 'a 1'), { name: 'bin/b', link: 'bin/a' }, { name: 'bin/c', link: 'bin/b' }]],
      ['a@1 bin/a 0', 'a@1 bin/b 0', 'a@1 bin/c 0'],
    ],
    ['removes a program that is whited out', [[program('bin/a', 'a 1'), program('b', 'b 1')], [file('bin/.wh.a', '')]], ['b@1 b 0']],
    ['lets an upper program replace a lower one', [[program('a', 'a 1')], [program('a', 'a 2')]], ['a@2 a 1']],
  ]
  it.each(programs)('%s, once', async (_, layers, expected) => {
    for (const size of [1, 700, 1 << 20]) {
      const built = await layersOf(layers, size)
      const { occurrences, gaps } = await extractLayers(built, [programExtractor])
      const number = (digest: string | undefined) => built.findIndex(({ diffId }) => diffId === digest)
      expect(occurrences.map(({ component: c, at }) => `${c.name}@${c.version} ${at.path} ${number(at.layer)}`)).toEqual(expected)
      expect([gaps, built.map(({ reads }) => reads)]).toEqual([[], built.map(() => 1)])
    }
  })
  it('passes more programs, and larger ones, than could be held', async () => {
    const layer = Array.from({ length: 50 }, (_, at) => program(`bin/${at}`, `p${at} 1 ${'x'.repeat(1_000)}`))
    const limits = { fileBytes: 600, heldBytes: 700, passingBytes: 2_000 }
    const all = await found([layer], [programExtractor], { limits })
    expect([all.found.length, all.gaps]).toEqual([50, []])
    const larger = await found(
      [[program('bin/a', 'x'.repeat(2_000)), { ...file('b', 'x'.repeat(3_000)), mode: 0o755 }]],
      [programExtractor],
      {
        limits,
      },
    )
    expect(larger).toEqual({ found: [], gaps: ['bin/a: 2004 bytes, at most 2000 of one file are read'] })
  })
  it('keeps programs apart, small and large, however many come in one piece', async () => {
    const sizes = [20_000, 30_000, 5 << 20, 20_000, 100, 5 << 20, 40_000, 16_384, 16_383]
    const layer = sizes.map((size, at) => program(`bin/${at}`, `p${at} ${size} ${String(at).repeat(size)}`))
    for (const piece of [1 << 14, 1 << 18, 1 << 24]) {
      const { occurrences, gaps } = await extractLayers(await layersOf([layer], piece), [programExtractor])
      expect([occurrences.map(({ component: c }) => c.name), gaps]).toEqual([sizes.map((_, at) => `p${at}`), []])
    }
  })
  it('says nothing was found where no program told anything', async () => {
    const nothing = ': nothing was found here that tells what is installed: what it holds is unknown'
    expect((await found([[program('bin/a', '')]], [programExtractor])).gaps).toEqual([nothing])
  })
})
