import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { fakeNetwork } from '../../../test/contracts/feed.ts'
import { zipOf } from '../../../test/zip.ts'
import { feeds } from '../../plugins/feeds/index.ts'
import { openAdvisoryFile } from './advisory-file.ts'
import { starterSet } from './starter.ts'
import { syncAdvisoryFile } from './sync-advisory-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sync-test-'))
const path = join(folder, 'advisories.db')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => rmSync(path, { force: true }))

const base = 'http://mirror'
const record = (id: string, ecosystem: string) => ({
  name: `${id}.json`,
  content: JSON.stringify({ id, affected: [{ package: { ecosystem, name: 'left' }, versions: ['1.0.0'] }] }),
})
const mirror = {
  [`${base}/osv/npm/all.zip`]: zipOf([record('GHSA-aaaa-bbbb-cccc', 'npm')]),
  [`${base}/osv/Debian/all.zip`]: zipOf([record('DSA-1-1', 'Debian:12')]),
  [`${base}/cisa/known_exploited_vulnerabilities.json`]: JSON.stringify({
    vulnerabilities: [{ cveID: 'CVE-2024-1000', dateAdded: '2025-01-01' }],
  }),
  [`${base}/epss/epss_scores-current.csv.gz`]: gzipSync('#m,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-1000,0.5,0.9\n'),
}
const sync = (files: Readonly<Record<string, string | Uint8Array>>, day: string, more: { asOffered?: boolean } = {}) =>
  syncAdvisoryFile({ path, feeds, ecosystems: ['Debian', 'npm'], base, http: fakeNetwork(files), now: () => Date.parse(day), ...more })
const without = (name: string) => Object.fromEntries(Object.entries(mirror).filter(([url]) => !url.includes(name)))

it('loads every feed, then asks for news only', async () => {
  const first = await sync(mirror, '2026-01-01T00:00:00Z')
  expect(first.feeds.map(({ feed, records, failure }) => [feed, records, failure])).toEqual([
    ['epss', 1, undefined],
    ['kev', 1, undefined],
    ['osv/Debian', 1, undefined],
    ['osv/npm', 1, undefined],
  ])
  const second = await sync(mirror, '2026-01-02T00:00:00Z')
  expect(second.feeds).toEqual(first.feeds.map((state) => ({ ...state, loadedAt: '2026-01-02T00:00:00.000Z' })))
})

it('stands in with the starter set, until there are advisories', async () => {
  const nothing = await sync({}, '2026-01-01T00:00:00Z')
  expect(nothing.feeds.map(({ feed, records, failure }) => [feed, records, failure?.slice(0, 8)])).toEqual([
    ['epss', 0, 'expected'],
    ['kev', 0, 'expected'],
    ['osv/Debian', 0, 'expected'],
    ['osv/npm', 0, 'expected'],
    ['starter', starterSet.length, undefined],
  ])
  const file = openAdvisoryFile(path)
  expect(file.lookup('npm', 'minimist').map(({ id }) => id)).toEqual(['GHSA-xvch-5gv4-984h'])
  file.close()
  const later = await sync(mirror, '2026-01-02T00:00:00Z')
  expect(later.feeds.map(({ feed, failure }) => [feed, failure])).toEqual([
    ['epss', undefined],
    ['kev', undefined],
    ['osv/Debian', undefined],
    ['osv/npm', undefined],
  ])
})

it('goes on with the others when one feed fails, and keeps what that one taught', async () => {
  await sync(mirror, '2026-01-01T00:00:00Z')
  const changed = zipOf([record('GHSA-aaaa-bbbb-cccc', 'npm'), record('MAL-2024-1', 'npm')])
  const { feeds: states } = await sync({ ...without('Debian'), [`${base}/osv/npm/all.zip`]: changed }, '2026-01-02T00:00:00Z')
  expect(states.map(({ feed, records, loadedAt, failure }) => [feed, records, loadedAt?.slice(0, 10), failure])).toEqual([
    ['epss', 1, '2026-01-02', undefined],
    ['kev', 1, '2026-01-02', undefined],
    ['osv/Debian', 1, '2026-01-01', 'expected an archive of advisories at http://mirror/osv/Debian/all.zip, there is none'],
    ['osv/npm', 2, '2026-01-02', undefined],
  ])
  const file = openAdvisoryFile(path)
  expect(file.lookup('Debian:12', 'left').map(({ id }) => id)).toEqual(['DSA-1-1'])
  file.close()
})

it('leaves out what a mirror does not offer where all was asked for, and only then', async () => {
  const names = async (asOffered: boolean) =>
    (await sync(without('Debian'), '2026-01-01T00:00:00Z', { asOffered })).feeds.map(({ feed, failure }) => [feed, failure === undefined])
  expect(await names(true)).toEqual([
    ['epss', true],
    ['kev', true],
    ['osv/npm', true],
  ])
  expect(await names(false)).toContainEqual(['osv/Debian', false])
})

it('takes the whole feed where a single record changed', async () => {
  const index = `${base}/osv/npm/modified_id.csv`
  await sync({ ...mirror, [index]: '2026-01-01T00:00:00Z,GHSA-aaaa-bbbb-cccc' }, '2026-01-01T00:00:00Z')
  const grown = [record('GHSA-aaaa-bbbb-cccc', 'npm'), record('MAL-2024-1', 'npm')]
  const { feeds: states } = await sync(
    {
      ...mirror,
      [index]: '2026-01-02T00:00:00Z,MAL-2024-1\n2026-01-01T00:00:00Z,GHSA-aaaa-bbbb-cccc',
      [`${base}/osv/npm/all.zip`]: zipOf(grown),
      [`${base}/osv/npm/MAL-2024-1.json`]: grown[1]?.content ?? '',
      [`${base}/osv/npm/GHSA-aaaa-bbbb-cccc.json`]: grown[0]?.content ?? '',
    },
    '2026-01-02T00:00:00Z',
  )
  expect(states.find(({ feed }) => feed === 'osv/npm')).toMatchObject({ records: 2, loadedAt: '2026-01-02T00:00:00.000Z' })
})
