import { expect, it } from 'vitest'
import { sharedPath } from '../../../test/shared.ts'
import { readOsv } from '../../formats/osv.ts'
import { readZip } from '../../formats/zip-file.ts'
import type { Advisory } from '../../model/advisory.ts'
import { freshness } from './freshness.ts'
import { refuseShrunken } from './shrunken.ts'
import { starterSet } from './starter.ts'

it.each([
  [{}, 'never'],
  [{ publishedAt: '2026-01-10T00:00:00Z' }, 'never'],
  [{ loadedAt: '2026-01-10T00:00:00Z' }, 'fresh'],
  [{ loadedAt: '2026-01-08T12:00:00Z' }, 'fresh'],
  [{ loadedAt: '2026-01-08T11:59:59Z' }, 'stale'],
  [{ loadedAt: '2026-01-10T00:00:00Z', publishedAt: '2026-01-05T00:00:00Z' }, 'fresh'],
  [{ loadedAt: '2026-01-10T00:00:00Z', publishedAt: '2025-02-18T00:00:00Z' }, 'stale'],
] as const)('%j is %s after 48 hours', (held, expected) => {
  expect(freshness(held, 48, Date.parse('2026-01-10T12:00:00Z'))).toBe(expected)
})

it.each([
  [0, 1],
  [100, 100],
  [100, 80],
  [100, 500],
])('takes a feed that went from %i to %i records', (before, after) => {
  expect(() => refuseShrunken('kev', before, after)).not.toThrow()
})

it.each([
  [0, 0, 'the feed kev is empty; what was held is kept'],
  [100, 0, 'the feed kev is empty; what was held is kept'],
  [100, 79, 'the feed kev shrank from 100 to 79 records, by more than 20 %; what was held is kept'],
])('refuses a feed that went from %i to %i records', (before, after, message) => {
  expect(() => refuseShrunken('kev', before, after)).toThrow(expect.objectContaining({ code: 'upstream', message }))
})

it('starts with well-known vulnerabilities of every ecosystem, each once', () => {
  expect(new Set(starterSet.map(({ id }) => id)).size).toBe(starterSet.length)
  expect(new Set(starterSet.flatMap(({ affected }) => affected.map(({ ecosystem }) => ecosystem)))).toEqual(
    new Set(['Debian:11', 'Debian:12', 'Debian:13', 'npm']),
  )
  expect(starterSet.filter(({ summary, severities }) => !summary || severities.length === 0)).toEqual([])
})

const mirror = sharedPath('feeds/osv')
it.skipIf(mirror === undefined)(
  'starts with facts that the publishers state too (skipped without the folder of examples)',
  { timeout: 60_000 },
  async () => {
    const facts = new Map(starterSet.map((advisory) => [`${advisory.id}.json`, advisory]))
    const checked: string[] = []
    for (const family of ['Debian', 'npm'])
      for await (const { name, bytes } of readZip(`${mirror}/${family}/all.zip`)) {
        const ours = facts.get(name)
        if (!ours || family !== familyOf(ours)) continue
        const theirs = readOsv(JSON.parse(bytes.toString()), name)
        if (theirs.is !== 'advisory') throw new Error(theirs.reason)
        checked.push(ours.id)
        const rangesOf = ({ affected }: Advisory) =>
          affected.flatMap(({ ecosystem, name: packageName, ranges }) =>
            ranges.map((range) => JSON.stringify([ecosystem, packageName, range])),
          )
        expect(rangesOf(theirs)).toEqual(expect.arrayContaining(rangesOf(ours)))
        expect(theirs.severities).toEqual(expect.arrayContaining([...ours.severities]))
        expect([theirs.source, theirs.url, theirs.vendorSeverity, theirs.published?.slice(0, 10)]).toEqual([
          ours.source,
          ours.url,
          ours.vendorSeverity,
          ours.published?.slice(0, 10),
        ])
        expect(theirs.aliases).toEqual(expect.arrayContaining([...ours.aliases]))
      }
    expect(checked.sort()).toEqual(starterSet.map(({ id }) => id).sort())
  },
)

function familyOf({ source }: Advisory): string {
  return source === 'DEBIAN' ? 'Debian' : 'npm'
}
