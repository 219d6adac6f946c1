import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testExtractors } from '../../../test/extractors.ts'
import type { FileTree } from '../../model/seams.ts'
import { fileInMemory, scanFile } from '../../kit/scan-file.ts'
import { extractTree } from './extract.ts'
import { mergedUsr, settleInventory } from './settle-inventory.ts'

/** A tree in memory. A content that is an error cannot be read. */
function treeOf(files: Readonly<Record<string, string | Error>>): FileTree {
  const entry = (path: string) => ({ path, size: 1, mode: 0o644 })
  return {
    async *entries() {
      for (const path of Object.keys(files)) yield entry(path)
    },
    async open(path) {
      const content = files[path]
      if (content === undefined) return undefined
      if (content instanceof Error)
        return scanFile(entry(path), { all: () => Promise.reject(content), part: () => Promise.reject(content) }, 1)
      return fileInMemory(entry(path), Buffer.from(content), 1_000)
    },
  }
}

describe('extractTree', () => {
  it('says when nothing was of a kind that is read', async () => {
    const gap = { path: '', extractor: 'tree', reason: 'nothing was found here that tells what is installed: what it holds is unknown' }
    expect(await extractTree(treeOf({ 'srv/server': 'ELF' }), testExtractors)).toEqual({ occurrences: [], gaps: [gap] })
    expect(await extractTree(treeOf({ 'var/lib/pkg/list': '' }), testExtractors)).toEqual({ occurrences: [], gaps: [] })
  })

  it('takes the word of an export for the system only near the top', () => {
    const told = (path: string) => {
      const extraction = { extractor: 'test/export', path, occurrences: [], gaps: [], os: { id: 'windows' } }
      return settleInventory([extraction], []).os?.id
    }
    expect(['installed.reg', 'web-1/installed.reg', 'src/fixtures/installed.reg'].map(told)).toEqual(['windows', 'windows', undefined])
  })

  it('stamps distribution and owner, and sorts', async () => {
    const tree = treeOf({
      'var/lib/pkg/list': 'zlib 2\nbash 1\n',
      'var/lib/pkg/files/bash': 'lib/node/lib.txt\nusr/share/doc/bash',
      'usr/lib/node/lib.txt': 'left 1',
      'opt/lib.txt': 'pad 1',
      'usr/lib/os-release': 'other 0',
      'etc/os-release': 'ubuntu 24.04',
    })
    expect(await extractTree(tree, testExtractors)).toEqual({
      os: { id: 'ubuntu', version: '24.04' },
      gaps: [],
      occurrences: [
        {
          component: { purl: 'pkg:deb/ubuntu/bash@1', type: 'deb', name: 'bash', version: '1', distro: 'ubuntu:24.04' },
          at: { path: 'var/lib/pkg/list' },
          extractor: 'test/list',
        },
        {
          component: { purl: 'pkg:deb/ubuntu/zlib@2', type: 'deb', name: 'zlib', version: '2', distro: 'ubuntu:24.04' },
          at: { path: 'var/lib/pkg/list' },
          extractor: 'test/list',
        },
        {
          component: { purl: 'pkg:npm/left@1', type: 'npm', name: 'left', version: '1' },
          at: { path: 'usr/lib/node/lib.txt' },
          extractor: 'test/lib',
          ownedBy: 'bash',
        },
        {
          component: { purl: 'pkg:npm/pad@1', type: 'npm', name: 'pad', version: '1' },
          at: { path: 'opt/lib.txt' },
          extractor: 'test/lib',
        },
      ],
    })
  })

  it('makes a gap of a file that throws or cannot be read, and goes on', async () => {
    const tree = treeOf({ 'a/lib.txt': 'broken 1', 'b/lib.txt': new Error('too large'), 'c/lib.txt': 'pad 1' })
    const { gaps, occurrences } = await extractTree(tree, testExtractors)
    expect(gaps).toEqual([
      { path: 'a/lib.txt', extractor: 'test/lib', reason: 'this library is broken' },
      { path: 'b/lib.txt', extractor: 'test/lib', reason: 'too large' },
    ])
    expect(occurrences.map(({ at }) => at.path)).toEqual(['c/lib.txt'])
  })

  it('makes a gap of a listed file that is gone when it is opened', async () => {
    const tree = { ...treeOf({ 'lib.txt': 'pad 1' }), open: async () => undefined }
    expect(await extractTree(tree, testExtractors)).toEqual({
      occurrences: [],
      gaps: [{ path: 'lib.txt', extractor: 'test/lib', reason: 'listed, but could not be opened as a regular file' }],
    })
  })

  it('tells of a system whose packages it could not read', async () => {
    const { gaps } = await extractTree(treeOf({ 'etc/os-release': 'alpine 3.20', 'lib.txt': 'pad 1' }), testExtractors)
    expect(gaps).toEqual([
      {
        path: 'etc/os-release',
        extractor: 'test/release',
        reason: 'this is alpine 3.20, but no package database of it could be read: its packages are unknown',
      },
    ])
  })

  it('does not drown in gaps', async () => {
    const tree = treeOf(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}/lib.txt`, 'broken 1'])))
    const { gaps } = await extractTree(tree, testExtractors, { limits: { gaps: 2 } })
    expect(gaps.map(({ path, reason }) => [path, reason])).toEqual([
      ['0/lib.txt', 'this library is broken'],
      ['1/lib.txt', 'this library is broken'],
      ['', '3 more gaps are not listed'],
    ])
  })
})

describe('settleInventory', () => {
  it('gives the same inventory for the same extractions in any order', () => {
    const extractions = ['b', 'a', 'c', 'a'].map((name, i) => ({
      extractor: 'test/lib',
      path: `${name}/lib.txt`,
      gaps: [{ path: name, extractor: 'x', reason: 'r' }],
      occurrences: [
        {
          component: { purl: `pkg:npm/${name}@1`, type: 'npm', name, version: '1' },
          at: { path: name },
          extractor: 'test/lib',
          dependsOn: [String(i)],
        },
      ],
      owned: [{ owner: `owner-${i}`, paths: ['a', 'b'] }],
    }))
    const settled = settleInventory(extractions, [])
    expect(settled.occurrences.map(({ ownedBy }) => ownedBy)).toEqual(['owner-0', 'owner-0', 'owner-0', undefined])
    fc.assert(
      fc.property(fc.shuffledSubarray(extractions, { minLength: 4 }), (shuffled) => {
        expect(settleInventory(shuffled, [])).toEqual(settled)
      }),
    )
  })

  it('leaves out what is declared where some version of it was found below, or anywhere in a whole system', () => {
    const of = (path: string, name: string, version: string) => ({
      component: { purl: `pkg:npm/${name}`, type: 'npm', name, version },
      ...{ at: { path }, extractor: 'test/lib', ...(version === '' && { scope: 'declared' as const }) },
    })
    const occurrences = [
      of('a/manifest', 'left', ''),
      of('a/lock', 'left', '1'),
      of('b/manifest', 'left', ''),
      of('b/manifest', 'right', ''),
      of('ab/lock', 'right', '2'),
    ]
    const places = (more: object) =>
      settleInventory([{ extractor: 'test/lib', path: 'x', occurrences, gaps: [], ...more }], [])
        .occurrences.filter(({ scope }) => scope === 'declared')
        .map(({ component, at }) => `${at.path} ${component.name}`)
    expect(places({})).toEqual(['b/manifest left', 'b/manifest right'])
    expect(places({ os: { id: 'debian' } })).toEqual([])
  })

  it.each([
    ['usr/lib/x', 'lib/x'],
    ['usr/lib64/x', 'lib64/x'],
    ['usr/sbin/x', 'sbin/x'],
    ['lib/x', 'lib/x'],
    ['usr/share/x', 'usr/share/x'],
    ['usr/library/x', 'usr/library/x'],
    ['opt/usr/lib/x', 'opt/usr/lib/x'],
  ])('knows %s as %s', (path, merged) => {
    expect(mergedUsr(path)).toBe(merged)
  })
})
