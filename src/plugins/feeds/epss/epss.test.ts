import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { fakeNetwork, knowledgeFeedContract, parsed } from '../../../../test/contracts/feed.ts'
import { epss } from './index.ts'

const base = 'http://mirror'
const url = `${base}/epss/epss_scores-2026-08-16.csv.gz`
const scores = (day: string, ...lines: readonly string[]) =>
  gzipSync([`#model_version:v2025.03.14,score_date:${day}T00:00:00+0000`, 'cve,epss,percentile', ...lines, ''].join('\n'))

knowledgeFeedContract(epss, { scope: { base }, url, files: { [url]: scores('2026-08-16', 'CVE-1999-0001,0.033510000,0.876500000') } })

it('takes the newest day, and its date from the file', async () => {
  const network = fakeNetwork({
    [`${base}/epss/epss_scores-2024-06-30.csv.gz`]: scores('2024-06-30', 'CVE-1999-0001,0.1,0.1'),
    [url]: scores('2026-08-16', 'CVE-1999-0001,0.033510000,0.876500000', 'CVE-1999-0002,1,0'),
    [`${base}/epss/notes-2027-01-01.txt`]: 'no',
  })
  const snapshot = await epss.fetch({ base }, undefined, network)
  expect(snapshot).toMatchObject({ publishedAt: '2026-08-16T00:00:00.000Z' })
  expect(await parsed(epss, snapshot)).toEqual([
    { is: 'probability', vulnerability: 'CVE-1999-0001', score: 0.03351, percentile: 0.8765 },
    { is: 'probability', vulnerability: 'CVE-1999-0002', score: 1, percentile: 0 },
  ])
})

it('takes the current file where days are not listed', async () => {
  const network = fakeNetwork({ [`${base}/epss/epss_scores-current.csv.gz`]: scores('2026-08-16', 'CVE-1999-0001,0.1,0.1') })
  expect(await epss.fetch({ base }, undefined, { ...network, list: async () => [] })).toMatchObject({ is: 'full' })
})

it('names lines that are no score, and reads lines of any ending over every boundary', async () => {
  const many = Array.from({ length: 40_000 }, (_, n) => `CVE-2020-${100_000 + n},0.${n % 10},0.5\r`)
  const network = fakeNetwork({
    [url]: scores('2026-08-16', 'CVE-1,0.1,0.1', 'CVE-2020-0001,2,0.1', 'CVE-2020-0002,0.1', '=cmd(),0.1,0.1', ...many),
  })
  const records = await parsed(epss, await epss.fetch({ base }, undefined, network))
  expect(records.slice(0, 4).map((record) => record.is === 'broken' && record.record)).toEqual([
    'CVE-1',
    'CVE-2020-0001',
    'CVE-2020-0002',
    '=cmd()',
  ])
  expect(records.slice(4).filter((record) => record.is !== 'probability')).toEqual([])
  expect(records.length).toBe(40_004)
})

it.each([
  ['other columns', gzipSync('#x\ncve,score\nCVE-2020-0001,0.1\n'), /expected the columns cve,epss,percentile, got "cve,score"/],
  ['endless lines', gzipSync(`cve,epss,percentile\n${'x\n'.repeat(2_000_001)}`), /more than 2000000 lines/],
  ['an endless line', gzipSync('x'.repeat(600_000)), /a line of more than 1000 characters/],
])('refuses %s', async (_, content, words) => {
  const network = fakeNetwork({ [url]: content })
  await expect(epss.fetch({ base }, undefined, network).then((snapshot) => parsed(epss, snapshot))).rejects.toThrow(words)
})
