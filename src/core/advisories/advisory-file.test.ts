import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Advisory, Knowledge, Range } from '../../model/advisory.ts'
import { AppError } from '../../model/errors.ts'
import { openAdvisoryFile } from './advisory-file.ts'
import type { FeedLoad } from './advisory-file-write.ts'
import { writeAdvisoryFile } from './advisory-file-write.ts'

const folder = mkdtempSync(join(tmpdir(), 'advisory-file-test-'))
const path = join(folder, 'sub', 'advisories.db')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => rmSync(join(folder, 'sub'), { recursive: true, force: true }))

const range: Range = { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0-1' }] }
const advisory = (id: string, more: Partial<Advisory> = {}): Advisory => ({
  is: 'advisory',
  id,
  source: 'DEBIAN',
  aliases: [],
  bundles: [],
  severities: [],
  references: [],
  cwes: [],
  affected: [{ ecosystem: 'Debian:12', name: 'flawed', ranges: [range], versions: [] }],
  ...more,
})
const families = new Set(['Debian', 'npm'])
const full = (feed: string, records: readonly Knowledge[], more: object = {}): FeedLoad => ({ feed, is: 'full', records, ...more })
const write = (loads: readonly FeedLoad[], at = '2026-01-01T00:00:00.000Z') => writeAdvisoryFile(path, loads, { families, at })
function ids(ecosystem = 'Debian:12', name = 'flawed'): readonly string[] {
  const file = openAdvisoryFile(path)
  const found = file.lookup(ecosystem, name).map(({ id }) => id)
  file.close()
  return found
}

it('is as old as its newest record, told by when it came out where nothing says when it changed', async () => {
  const records = [advisory('GO-1', { published: '2024-03-01T00:00:00Z' }), advisory('GO-2', { published: '2025-01-01T00:00:00Z' })]
  const { feeds } = await write([full('osv/Go', [...records, advisory('GO-3', { modified: '2024-12-31T00:00:00Z' })])])
  expect(feeds.map(({ publishedAt }) => publishedAt)).toEqual(['2025-01-01T00:00:00Z'])
})

it('gives back what it was given, by package and by name', async () => {
  const npm: Range = { type: 'SEMVER', events: [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }] }
  const written = await write([
    full('osv/Debian', [
      advisory('CVE-2024-1000', {
        aliases: ['GHSA-aaaa-bbbb-cccc'],
        bundles: [],
        details: `Long.${'x'.repeat(500)}`,
        references: ['https://example.org'],
        severities: [{ type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N', source: 'NVD' }],
        modified: '2025-02-01T00:00:00Z',
        affected: [
          { ecosystem: 'Debian:12', name: 'flawed', ranges: [range], versions: [], vendorSeverity: 'low' },
          { ecosystem: 'Debian:13', name: 'flawed', ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }], versions: [] },
          { ecosystem: 'Alpine:v3.20', name: 'flawed', ranges: [range], versions: [] },
          { ecosystem: 'npm', name: 'left', ranges: [npm], versions: ['0.9.0'] },
        ],
      }),
      advisory('CVE-2024-1001', { withdrawn: '2025-01-01T00:00:00Z' }),
      { is: 'broken', record: 'CVE-2024-1002', reason: 'no' },
    ]),
    full('kev', [{ is: 'exploit', vulnerability: 'CVE-2024-1000', source: 'CISA_KEV', addedAt: '2025-01-01' }], { cursor: '{"url":1}' }),
    full('epss', [{ is: 'probability', vulnerability: 'CVE-2024-1000', score: 0.03351, percentile: 0.876543219 }], {
      publishedAt: '2026-01-01T00:00:00.000Z',
    }),
  ])
  const file = openAdvisoryFile(path)
  expect(file.meta).toEqual(written)
  expect(file.meta).toEqual({
    writtenAt: '2026-01-01T00:00:00.000Z',
    feeds: [
      { feed: 'epss', loadedAt: '2026-01-01T00:00:00.000Z', records: 1, broken: 0, publishedAt: '2026-01-01T00:00:00.000Z' },
      { feed: 'kev', loadedAt: '2026-01-01T00:00:00.000Z', records: 1, broken: 0, cursor: '{"url":1}' },
      { feed: 'osv/Debian', loadedAt: '2026-01-01T00:00:00.000Z', records: 2, broken: 1, publishedAt: '2025-02-01T00:00:00Z' },
    ],
  })
  const [found, ...more] = file.lookup('Debian:12', 'flawed')
  expect(more).toEqual([])
  expect(found).toEqual({
    ref: 1,
    id: 'CVE-2024-1000',
    affected: { ecosystem: 'Debian:12', name: 'flawed', ranges: [range], versions: [], vendorSeverity: 'low' },
  })
  expect(file.lookup('Debian:13', 'flawed')[0]?.affected).toEqual({
    ecosystem: 'Debian:13',
    name: 'flawed',
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }] }],
    versions: [],
  })
  expect(file.lookup('npm', 'left')[0]?.affected).toEqual({ ecosystem: 'npm', name: 'left', ranges: [npm], versions: ['0.9.0'] })
  expect(file.lookup('Alpine:v3.20', 'flawed')).toEqual([])
  expect(file.lookup('Debian:12', 'absent')).toEqual([])
  expect(file.head(1)).toEqual({
    is: 'advisory',
    id: 'CVE-2024-1000',
    source: 'DEBIAN',
    aliases: ['GHSA-aaaa-bbbb-cccc'],
    bundles: [],
    severities: [{ type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N', source: 'NVD' }],
    cwes: [],
    modified: '2025-02-01T00:00:00Z',
    summary: `Long.${'x'.repeat(195)}`,
  })
  expect(file.named('GHSA-aaaa-bbbb-cccc')).toEqual([1])
  expect(file.named('CVE-2024-1001')).toEqual([])
  expect(file.exploit('CVE-2024-1000')).toEqual({
    is: 'exploit',
    vulnerability: 'CVE-2024-1000',
    source: 'CISA_KEV',
    addedAt: '2025-01-01',
  })
  expect(file.exploit('CVE-2024-1001')).toBeUndefined()
  expect(file.probability('CVE-2024-1000')).toEqual({
    is: 'probability',
    vulnerability: 'CVE-2024-1000',
    score: 0.03351,
    percentile: 0.876543219,
  })
  expect([file.probability('CVE-2024-1001'), file.probability('GHSA-aaaa-bbbb-cccc')]).toEqual([undefined, undefined])
  file.close()
})

it('keeps any range as it was', async () => {
  const word = fc.string({ minLength: 1, maxLength: 8 })
  const event = fc.oneof(...['introduced', 'fixed', 'last_affected', 'limit'].map((kind) => word.map((version) => ({ [kind]: version }))))
  const ranges = fc.array(fc.record({ type: fc.constantFrom('ECOSYSTEM', 'SEMVER'), events: fc.array(event, { maxLength: 3 }) }), {
    maxLength: 2,
  })
  const entries = fc.sample(fc.tuple(ranges, fc.array(word, { maxLength: 2 }), fc.option(word, { nil: undefined })), {
    numRuns: 500,
    seed: 1,
  })
  const affected = entries.map(([of, versions, vendorSeverity], n) => ({
    ecosystem: 'npm',
    name: `p${n}`,
    ranges: of as unknown as Range[],
    versions,
    ...(vendorSeverity !== undefined && { vendorSeverity }),
  }))
  await write([full('osv/npm', [advisory('A-1', { affected })])])
  const file = openAdvisoryFile(path)
  expect(affected.map(({ name }) => file.lookup('npm', name)[0]?.affected)).toEqual(affected)
  file.close()
})

describe('a later load', () => {
  beforeEach(async () => {
    await write([
      full('osv/Debian', [advisory('A-1'), advisory('A-2')], { cursor: 'one' }),
      full('kev', [{ is: 'exploit', vulnerability: 'CVE-2024-1000', source: 'K' }]),
    ])
  })
  const later = '2026-01-02T00:00:00.000Z'
  const stateOf = async (load: FeedLoad) => (await write([load], later)).feeds.find(({ feed }) => feed === load.feed)

  it('replaces its own feed only', async () => {
    expect(await stateOf(full('osv/Debian', [advisory('A-2'), advisory('A-3')]))).toEqual({
      feed: 'osv/Debian',
      loadedAt: later,
      records: 2,
      broken: 0,
    })
    expect(ids()).toEqual(['A-2', 'A-3'])
    const file = openAdvisoryFile(path)
    expect(file.exploit('CVE-2024-1000')).toBeDefined()
    expect([file.named('A-1'), file.named('A-3').length]).toEqual([[], 1])
    file.close()
  })

  it('notes that nothing changed', async () => {
    expect(await stateOf({ feed: 'osv/Debian', is: 'unchanged' })).toMatchObject({ loadedAt: later, records: 2, cursor: 'one' })
    expect(ids()).toEqual(['A-1', 'A-2'])
  })

  const failing = async function* (): AsyncGenerator<Knowledge> {
    yield advisory('A-9')
    throw new AppError('upstream', 'the archive is cut off')
  }
  it.each<[string, FeedLoad, string]>([
    ['could not be fetched', { feed: 'osv/Debian', is: 'failed', reason: 'no route' }, 'no route'],
    ['is cut off', { feed: 'osv/Debian', is: 'full', records: failing() }, 'the archive is cut off'],
    ['is empty', full('osv/Debian', []), 'the feed osv/Debian is empty; what was held is kept'],
    [
      'holds only broken records',
      full('osv/Debian', [{ is: 'broken', record: 'A-1', reason: 'no' }]),
      'the feed osv/Debian is empty; what was held is kept',
    ],
    [
      'shrank',
      full('osv/Debian', [advisory('A-1')]),
      'the feed osv/Debian shrank from 2 to 1 records, by more than 20 %; what was held is kept',
    ],
  ])('keeps what was held when it %s, and says so', async (_, load, failure) => {
    expect(await stateOf(load)).toEqual({
      feed: 'osv/Debian',
      loadedAt: '2026-01-01T00:00:00.000Z',
      records: 2,
      broken: 0,
      cursor: 'one',
      failure,
    })
    expect(ids()).toEqual(['A-1', 'A-2'])
    expect(await stateOf({ feed: 'osv/Debian', is: 'unchanged' })).not.toHaveProperty('failure')
  })

  it('leaves the old file and nothing else when something breaks', async () => {
    const before = readFileSync(path)
    const breaking = async function* (): AsyncGenerator<Knowledge> {
      yield advisory('A-9')
      throw new TypeError('a bug')
    }
    await expect(write([{ feed: 'osv/Debian', is: 'full', records: breaking() }])).rejects.toThrow('a bug')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(join(folder, 'sub'))).toEqual(['advisories.db'])
  })

  it('counts a record that two feeds carry once', async () => {
    await write([full('osv/npm', [advisory('A-2'), advisory('A-3')])])
    expect(ids()).toEqual(['A-1', 'A-2', 'A-3'])
    await write([{ feed: 'osv/Debian', is: 'dropped' }])
    expect(ids()).toEqual(['A-2', 'A-3'])
  })

  it('removes what a killed process left', async () => {
    const left = `${path}.0.tmp`
    writeFileSync(left, 'half')
    writeFileSync(`${path}.1.tmp`, 'of a load that may still run')
    utimesSync(left, 1, 1)
    await write([])
    expect(readdirSync(join(folder, 'sub')).sort()).toEqual(['advisories.db', 'advisories.db.1.tmp'])
  })
})

describe('a file that cannot be used', () => {
  const change = (sql: string) => {
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
  }
  it.each<[string, () => void, string]>([
    ['is cut off', () => truncateSync(path, 8192), 'malformed'],
    ['is no database', () => writeFileSync(path, 'hello '.repeat(1000)), 'not a database'],
    ['is empty', () => writeFileSync(path, ''), 'it is no advisory file'],
    ['is another database', () => change('pragma application_id = 7'), 'it is no advisory file'],
    ['is of another version', () => change('pragma user_version = 99'), 'it has format 99, this program reads 1'],
    ['lost a table', () => change('drop table name'), 'no such table'],
    ['says nothing of its feeds', () => change(`update meta set body = '{}'`), 'which feeds'],
  ])('is refused when it %s, and is built again', async (_, damage, words) => {
    await write([full('osv/Debian', [advisory('A-1')])])
    damage()
    const refused = expect.objectContaining({
      code: 'invalid',
      message: expect.stringMatching(new RegExp(`must be built again: .*${words}`)),
    })
    expect(() => openAdvisoryFile(path)).toThrow(refused)
    await write([full('osv/Debian', [advisory('A-2')])])
    expect(ids()).toEqual(['A-2'])
  })

  it('is missing', () => {
    expect(() => openAdvisoryFile(path)).toThrow(expect.objectContaining({ code: 'missing' }))
  })

  it('says so when a damaged page is met later', async () => {
    await write([
      full(
        'osv/Debian',
        Array.from({ length: 2000 }, (_, n) =>
          advisory(`A-${n}`, { affected: [{ ecosystem: 'npm', name: `p${n}`, ranges: [], versions: ['1'] }] }),
        ),
      ),
    ])
    const bytes = readFileSync(path)
    bytes.fill(0xff, 16_384)
    writeFileSync(path, bytes)
    const read = () => {
      const file = openAdvisoryFile(path)
      try {
        for (let n = 0; n < 2000; n++) file.lookup('npm', `p${n}`)
      } finally {
        file.close()
      }
    }
    expect(read).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})
