import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { describe, expect, it } from 'vitest'
import { parsePurl } from '../../src/formats/purl-read.ts'
import { wantedBy } from '../../src/core/extraction/wanted-by.ts'
import { HEAD, limits } from '../../src/kit/limits.ts'
import { fileOf as outermost } from '../../src/kit/paths.ts'
import { fileInMemory } from '../../src/kit/scan-file.ts'
import type { Extracted, Extractor, FileTree, ScanFile } from '../../src/model/seams.ts'

/** A file in memory. */
export function fileOf(path: string, content: string | Uint8Array): ScanFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return fileInMemory({ path, size: bytes.length, mode: 0o644 }, bytes, limits.fileBytes)
}

/** A tree in memory, to look for neighbours in. */
export function near(files: Readonly<Record<string, string>> = {}): Pick<FileTree, 'open'> {
  return { open: async (path) => (Object.hasOwn(files, path) ? fileOf(path, files[path] ?? '') : undefined) }
}

type Example = {
  /** A path the extractor takes. */
  readonly path: string
  /** A good file of its kind. */
  readonly content: string | Uint8Array
  /** Permission bits of what it takes, where a name alone does not do: default 0644. */
  readonly mode?: number
  readonly wants: readonly string[]
  readonly refuses: readonly string[]
}

/** What every extractor must keep, shown on one good file, all its beginnings, and damage to it. */
export function extractorContract(extractor: Extractor, { path, content, mode = 0o644, wants, refuses }: Example): void {
  const bytes = Buffer.from(content)
  const read = (given: Uint8Array | string) => extractor.read(fileOf(path, given), near())
  const entry = (name: string, bits = mode) => ({ path: name, size: 1, mode: bits })

  describe(`extractor ${extractor.id}`, () => {
    it.each([path, ...wants])('wants %s', (name) => expect(extractor.wants(entry(name))).toBe(true))
    it.each([path, ...wants])('is asked about %s', (name) => expect(wantedBy([extractor])(entry(name))).toEqual([extractor]))
    it.each(['', '/', 'x', 'node_modules', 'var/lib/dpkg'])('does not want %j', (name) =>
      expect(extractor.wants(entry(name, 0o644))).toBe(false),
    )
    it.each(refuses)('does not want %s', (name) => expect(extractor.wants(entry(name))).toBe(false))
    it('reads its example without a gap, the same each time', async () => {
      const first = await read(content)
      expect(first.gaps).toEqual([])
      expect(first.occurrences.length + (first.owned?.length ?? 0) + (first.os ? 1 : 0)).toBeGreaterThan(0)
      expect(await read(content)).toEqual(first)
    })
    it('knows its example by the first bytes, and noise by none', () => {
      if (extractor.starts === undefined) return
      expect(extractor.starts(bytes.subarray(0, HEAD))).toBe(true)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: HEAD }), (head) => {
          expect(extractor.starts!(head)).toBeTypeOf('boolean')
        }),
      )
      for (const head of ['', '#!/bin/sh\n', '\0'.repeat(HEAD)]) expect(extractor.starts(Buffer.from(head))).toBe(false)
    })
    it('alone, makes the same of the same content under any path', async () => {
      if (!extractor.alone) return
      const none = { open: () => Promise.reject(new Error('it looks beside its file')) }
      const under = async (name: string) => {
        const told = JSON.stringify(await extractor.read(fileOf(name, content), none))
        return told.replaceAll(`"path":${JSON.stringify(name).slice(0, -1)}`, '"path":"PATH')
      }
      const first = await under(path)
      for (const name of wants) expect(await under(name)).toBe(first)
    })
    it('throws an Error or answers in form on any beginning of its example', async () => {
      const cuts = fc.nat({ max: bytes.length })
      await fc.assert(
        fc.asyncProperty(cuts, async (cut) => wellFormed(extractor, path, () => read(bytes.subarray(0, cut)))),
        { numRuns: 60 },
      )
    })
    it('throws an Error or answers in form on damage and on noise', async () => {
      const damaged = fc
        .tuple(fc.nat({ max: bytes.length }), fc.uint8Array({ maxLength: 8 }))
        .map(([at, put]) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + put.length)]))
      const noise = fc.oneof(
        damaged,
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      )
      await fc.assert(
        fc.asyncProperty(noise, async (given) => wellFormed(extractor, path, () => read(given))),
        { numRuns: 300 },
      )
    })
  })
}

async function wellFormed(extractor: Extractor, path: string, read: () => Promise<Extracted>): Promise<void> {
  const result = await read().catch((thrown: unknown) => thrown)
  if (result instanceof Error) return
  const { occurrences, gaps, owned = [] } = result as Extracted
  for (const { component, at, extractor: id, scope } of occurrences) {
    expect([id, outermost(at.path)]).toEqual([extractor.id, path])
    expect(component.name).not.toBe('')
    expect(component.version).toMatch(scope === 'declared' ? /^\S*$/ : /^\S+$/)
    // types such as cran ask for a version, which what is only declared does not have
    const purl = component.version === '' ? parsePurl(component.purl) : PackageURL.fromString(component.purl)
    expect(purl?.type).toBe(component.type)
  }
  for (const gap of gaps) expect([gap.extractor, outermost(gap.path), gap.reason !== '']).toEqual([extractor.id, path, true])
  for (const { owner, paths } of owned)
    expect([owner !== '', paths.every((name) => name !== '' && !name.startsWith('/'))]).toEqual([true, true])
}
