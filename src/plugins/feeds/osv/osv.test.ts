import { describe, expect, it } from 'vitest'
import { fakeNetwork, knowledgeFeedContract, parsed } from '../../../../test/contracts/feed.ts'
import { sharedPath } from '../../../../test/shared.ts'
import { zipOf } from '../../../../test/zip.ts'
import { createHttp } from '../../../kit/http.ts'
import { osv } from './index.ts'

const base = 'http://mirror'
const folder = `${base}/osv/npm`
const scope = { base, ecosystem: 'npm' }
const record = (id: string, more: object = {}) =>
  JSON.stringify({
    id,
    modified: '2025-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'left' }, versions: ['1.0.0'] }],
    ...more,
  })
const archive = zipOf([
  { name: 'GHSA-aaaa-bbbb-cccc.json', content: record('GHSA-aaaa-bbbb-cccc') },
  { name: 'MAL-2024-1.json', content: record('MAL-2024-1') },
])

knowledgeFeedContract(osv, { scope, url: `${folder}/all.zip`, files: { [`${folder}/all.zip`]: archive } })

it('reads on past records that are broken, and names them', async () => {
  const network = fakeNetwork({
    [`${folder}/all.zip`]: zipOf([
      { name: 'A-1.json', content: '{"id":' },
      { name: 'A-2.json', content: '[]' },
      { name: 'README.txt', content: 'not a record' },
      { name: 'A-3.json', content: record('A-3') },
      { name: 'A-4.json', content: record('A-3') },
    ]),
  })
  const records = await parsed(osv, await osv.fetch(scope, undefined, network))
  expect(
    records.map((one) => (one.is === 'broken' ? `${one.record}: ${one.reason}`.slice(0, 40) : one.is === 'advisory' && one.id)),
  ).toEqual(['A-1: not JSON: Unexpected end of JSON in', 'A-2: expected a JSON object', 'A-3', 'A-3: a second record of this id, in A-4.'])
})

describe('changes only', () => {
  const index = (...lines: readonly string[]) => lines.join('\n')
  const first = {
    [`${folder}/all.zip`]: archive,
    [`${folder}/modified_id.csv`]: index('2025-03-01T00:00:00Z,GHSA-aaaa-bbbb-cccc', '2025-01-01T00:00:00Z,MAL-2024-1'),
  }
  const news = index(
    '2025-03-02T00:00:00.5Z,MAL-2024-2',
    '2025-03-01T00:00:00Z,GHSA-aaaa-bbbb-cccc',
    '2025-01-01T00:00:00Z,MAL-2024-1',
    'garbage',
    'x,../../up',
  )
  const held = async () => {
    const snapshot = await osv.fetch(scope, undefined, fakeNetwork(first))
    if (snapshot === 'unchanged') throw new Error('unchanged')
    expect(snapshot).toMatchObject({ is: 'full', publishedAt: '2025-03-01T00:00:00.000Z' })
    return snapshot.cursor
  }

  it('are fetched record by record, those near the last load again', async () => {
    const network = fakeNetwork({
      ...first,
      [`${folder}/modified_id.csv`]: news,
      [`${folder}/MAL-2024-2.json`]: record('MAL-2024-2'),
      [`${folder}/GHSA-aaaa-bbbb-cccc.json`]: record('GHSA-aaaa-bbbb-cccc'),
    })
    const snapshot = await osv.fetch(scope, await held(), network)
    expect(snapshot).toMatchObject({ is: 'delta', publishedAt: '2025-03-02T00:00:00.500Z' })
    const records = await parsed(osv, snapshot)
    expect(new Set(records.map((one) => one.is === 'advisory' && one.id))).toEqual(new Set(['GHSA-aaaa-bbbb-cccc', 'MAL-2024-2']))
    expect(network.asked.sort()).toEqual([`${folder}/GHSA-aaaa-bbbb-cccc.json`, `${folder}/MAL-2024-2.json`, `${folder}/modified_id.csv`])
    expect(await osv.fetch(scope, snapshot === 'unchanged' ? '' : snapshot.cursor, network)).toBe('unchanged')
  })

  it('are refused as a whole when an answer is a web page', async () => {
    const pages = ['MAL-2024-2', 'GHSA-aaaa-bbbb-cccc'].map((id) => [`${folder}/${id}.json`, '<html>Sign in</html>'])
    const network = fakeNetwork({ ...first, [`${folder}/modified_id.csv`]: news, ...Object.fromEntries(pages) })
    const snapshot = await osv.fetch(scope, await held(), network)
    await expect(parsed(osv, snapshot)).rejects.toMatchObject({ code: 'upstream', message: 'a changed record is not JSON' })
  })

  it.each([
    ['a listed record is not there', { [`${folder}/modified_id.csv`]: news }],
    ['the list is no list', { [`${folder}/modified_id.csv`]: '<html>' }],
    [
      'too much changed',
      { [`${folder}/modified_id.csv`]: index(...Array.from({ length: 2001 }, (_, n) => `2025-04-01T00:00:00Z,X-${n}`)) },
    ],
  ])('give way to the archive when %s', async (_, files) => {
    const changed = zipOf([{ name: 'B-1.json', content: record('B-1') }])
    expect(await osv.fetch(scope, await held(), fakeNetwork({ ...first, [`${folder}/all.zip`]: changed, ...files }))).toMatchObject({
      is: 'full',
    })
  })
})

it('refuses an ecosystem that is a path', async () => {
  await expect(osv.fetch({ base, ecosystem: '../npm' }, undefined, fakeNetwork({}))).rejects.toMatchObject({ code: 'invalid' })
  await expect(osv.fetch({ base }, undefined, fakeNetwork({}))).rejects.toMatchObject({ code: 'invalid' })
})

const mirror = sharedPath('feeds')
it.skipIf(mirror === undefined)(
  'reads the whole of real Debian and npm exports (skipped without the folder of examples)',
  { timeout: 120_000 },
  async () => {
    const http = createHttp({ folders: [mirror ?? ''] })
    const counted: Record<string, number> = {}
    for (const ecosystem of ['Debian', 'npm']) {
      const snapshot = await osv.fetch({ base: mirror ?? '', ecosystem }, undefined, http)
      if (snapshot === 'unchanged') throw new Error('unchanged')
      for await (const one of osv.parse(snapshot)) {
        const key = one.is === 'advisory' ? `${ecosystem} ${one.source}` : `${ecosystem} ${one.is}`
        counted[key] = (counted[key] ?? 0) + 1
      }
    }
    await http.close()
    expect(counted).toEqual({ 'Debian DEBIAN': 44152, 'npm GITHUB': 3792, 'npm OPENSSF': 19431, 'npm GSD': 1 })
  },
)
