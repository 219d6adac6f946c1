import { rm, writeFile } from 'node:fs/promises'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { Knowledge } from '../../src/model/advisory.ts'
import type { Download, FeedScope, FeedSnapshot, Http, KnowledgeFeed } from '../../src/model/seams.ts'
import { zipOf } from '../zip.ts'

/** A network in memory: content by address. An ETag is the content's length, and a changed answer has another. */
export function fakeNetwork(files: Readonly<Record<string, string | Uint8Array>>): Http & { readonly asked: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'feed-test-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const asked: string[] = []
  return {
    asked,
    async get(url, known = {}) {
      asked.push(url)
      const content = files[url]
      if (content === undefined) return 'missing'
      const etag = `"${content.length}"`
      return known.etag === etag ? 'unchanged' : { ...(await saved(join(folder, String(asked.length)), content)), etag }
    },
    async list(url) {
      return Object.keys(files)
        .filter((name) => name.startsWith(`${url}/`))
        .map((name) => name.slice(url.length + 1))
        .sort()
    },
  }
}

async function saved(path: string, content: string | Uint8Array): Promise<Download> {
  await writeFile(path, content)
  return { path, bytes: Buffer.byteLength(content), sha256: '', dispose: async () => undefined }
}

export async function parsed(feed: KnowledgeFeed, snapshot: FeedSnapshot | 'unchanged'): Promise<readonly Knowledge[]> {
  if (snapshot === 'unchanged') throw new Error('expected a snapshot, got unchanged')
  return Array.fromAsync(feed.parse(snapshot))
}

/** What every feed must do, shown on one good mirror of it: `url` is the file that holds the knowledge. */
export function knowledgeFeedContract(
  feed: KnowledgeFeed,
  example: {
    readonly scope: FeedScope & { readonly base: string }
    readonly url: string
    readonly files: Readonly<Record<string, string | Uint8Array>>
  },
): void {
  const { scope, url, files } = example
  const whole = Buffer.from(files[url] ?? '')
  const withContent = (content: string | Uint8Array) => fakeNetwork({ ...files, [url]: content })
  const fetched = (content: string | Uint8Array) => feed.fetch(scope, undefined, withContent(content))

  describe(`the contract of feeds: ${feed.id}`, () => {
    it('says what it is', () => {
      expect(feed.id).toMatch(/^[a-z][a-z0-9-]*$/)
      expect(feed.title).not.toBe('')
      expect(feed.version).toBeGreaterThan(0)
      expect(feed.staleAfterHours).toBeGreaterThan(0)
    })

    it('begins with a full snapshot and then asks for news only', async () => {
      const network = withContent(whole)
      const snapshot = await feed.fetch(scope, undefined, network)
      if (snapshot === 'unchanged') throw new Error('unchanged without a cursor')
      expect(snapshot.is).toBe('full')
      expect(await feed.fetch(scope, snapshot.cursor, network)).toBe('unchanged')
    })

    it('teaches what it says, and nothing else', async () => {
      const records = await parsed(feed, await fetched(whole))
      expect(records.length).toBeGreaterThan(0)
      expect(records.filter((record) => record.is !== feed.teaches && record.is !== 'broken')).toEqual([])
    })

    it.each([['nonsense'], ['{}'], ['{"url":1,"folder":2}']])('takes the cursor %s for none', async (cursor) => {
      expect(await feed.fetch(scope, cursor, withContent(whole))).toMatchObject({ is: 'full' })
    })

    it('does not take the cursor of another address for its own', async () => {
      const snapshot = await fetched(whole)
      const elsewhere = Object.fromEntries(
        Object.entries(files).map(([name, content]) => [name.replace(scope.base, 'http://elsewhere'), content]),
      )
      const cursor = snapshot === 'unchanged' ? '' : snapshot.cursor
      expect(await feed.fetch({ ...scope, base: 'http://elsewhere' }, cursor, fakeNetwork(elsewhere))).toMatchObject({ is: 'full' })
    })

    it('says that nothing is there', async () => {
      await expect(feed.fetch(scope, undefined, fakeNetwork({}))).rejects.toMatchObject({ name: 'AppError', code: 'missing' })
    })

    it.each([
      ['a web page', '<!doctype html><title>Sign in</title>'],
      ['nothing', ''],
      ['its first half', whole.subarray(0, whole.length >> 1)],
      ['all but its last byte', whole.subarray(0, whole.length - 1)],
      ['an empty archive', zipOf([])],
      ['an empty gzip', gzipSync('')],
      ['an empty list', '[]'],
      ['an empty object', '{}'],
    ])('refuses a snapshot that is %s', async (_, content) => {
      await expect(fetched(content).then((snapshot) => parsed(feed, snapshot))).rejects.toMatchObject({
        name: 'AppError',
        code: expect.stringMatching(/^(upstream|invalid)$/),
      })
    })
  })
}
