import { expect, it } from 'vitest'
import { fakeNetwork, knowledgeFeedContract, parsed } from '../../../../test/contracts/feed.ts'
import { kev } from './index.ts'

const base = 'http://mirror'
const url = `${base}/cisa/known_exploited_vulnerabilities.json`
const entry = (more: object = {}) => ({
  cveID: 'CVE-2021-44228',
  vendorProject: 'Apache',
  vulnerabilityName: 'Log4j runs code',
  dateAdded: '2021-12-10',
  requiredAction: 'Apply updates.',
  dueDate: '2021-12-24',
  knownRansomwareCampaignUse: 'Known',
  ...more,
})
const catalogue = (vulnerabilities: readonly unknown[], more: object = {}) =>
  JSON.stringify({ title: 'Catalogue', dateReleased: '2025-08-25T17:04:19.9796Z', count: vulnerabilities.length, vulnerabilities, ...more })

knowledgeFeedContract(kev, { scope: { base }, url, files: { [url]: catalogue([entry()]) } })

it('reads entries, and names those that are broken', async () => {
  const network = fakeNetwork({
    [url]: catalogue([
      entry(),
      entry({ cveID: 'nonsense' }),
      entry({ cveID: 'CVE-2024-0001', dueDate: 'soon', requiredAction: undefined, knownRansomwareCampaignUse: 'Unknown' }),
      entry({ cveID: 'CVE-2024-0002', dateAdded: '2024-02-31' }),
      entry(),
      null,
    ]),
  })
  const snapshot = await kev.fetch({ base }, undefined, network)
  expect(snapshot).toMatchObject({ is: 'full', publishedAt: '2025-08-25T17:04:19.979Z' })
  const records = await parsed(kev, snapshot)
  expect(records.filter((record) => record.is === 'exploit')).toEqual([
    {
      is: 'exploit',
      vulnerability: 'CVE-2021-44228',
      source: 'CISA_KEV',
      addedAt: '2021-12-10',
      dueAt: '2021-12-24',
      action: 'Apply updates.',
      title: 'Log4j runs code',
      ransomware: true,
    },
    {
      is: 'exploit',
      vulnerability: 'CVE-2024-0001',
      source: 'CISA_KEV',
      addedAt: '2021-12-10',
      title: 'Log4j runs code',
      ransomware: false,
    },
  ])
  expect(records.flatMap((record) => (record.is === 'broken' ? record.record : []))).toEqual([
    'entry 2',
    'entry 4',
    'CVE-2021-44228',
    'entry 6',
  ])
})

it('refuses a catalogue with fewer entries than it promises', async () => {
  const network = fakeNetwork({ [url]: catalogue([entry()], { count: 2 }) })
  await expect(parsed(kev, await kev.fetch({ base }, undefined, network))).rejects.toThrow('promises 2 entries and holds 1')
})
