import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { insertRows } from '../../../test/rows.ts'
import type { Scope } from '../../model/scope.ts'
import { makeEventMonths } from '../../store/months.ts'
import { batchFindingDetails } from './details-batch.ts'
import { findingHistory, findingWithEvidence } from './details.ts'
import { searchVulnerability } from './search-vulnerabilities.ts'

const everything: Scope = {
  caller: { principalId: 1, name: 'tester', role: 'admin', account: '000000000000' },
  accounts: 'all',
  regions: 'all',
}
const hex = '00000000000040008000000000000001'
const arn = `arn:aws:inspector2:us-east-1:000000000000:finding/${hex}`
const at = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z', '2026-03-02T00:00:00.000Z'] as const
const range = { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.0.2-1' }] }
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'
const advisory = {
  is: 'advisory',
  id: 'CVE-2024-1',
  source: 'DEBIAN',
  url: 'https://security.example/CVE-2024-1',
  aliases: ['GHSA-x'],
  bundles: [],
  published: '2024-01-01T00:00:00Z',
  details: 'A hole.',
  severities: [{ type: 'CVSS_V3', vector, source: 'NVD' }],
  references: ['https://ref.example'],
  cwes: ['CWE-79'],
  vendorSeverity: 'high',
}

describe.each(databases)('details of findings on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
    await makeEventMonths(store.db, new Date(at[0]))
  })
  afterAll(async () => store.close())
  beforeEach(async () => {
    const { db } = store
    await emptyDatabase(db)
    await insertRows(db, 'feed', [
      { name: 'osv/Debian', unit: 'osv', ecosystem: 'Debian', generation_id: 1, records: 1, broken: [], broken_count: 0 },
    ])
    await insertRows(db, 'advisory', [
      {
        id: 1,
        feed: 'osv/Debian',
        name: 'CVE-2024-1',
        hash: '\\x01',
        from_generation: 1,
        source: 'DEBIAN',
        names: ['CVE-2024-1', 'GHSA-x'],
        bundles: [],
        withdrawn: false,
        doc: JSON.stringify(advisory),
      },
    ])
    await insertRows(db, 'advisory_name', [
      { name: 'CVE-2024-1', advisory_id: 1, bundled: false },
      { name: 'GHSA-x', advisory_id: 1, bundled: false },
    ])
    await insertRows(db, 'affected', [
      { advisory_id: 1, ecosystem: 'Debian:12', name: 'openssl', ranges: JSON.stringify({ ranges: [range], versions: [] }) },
    ])
    await insertRows(db, 'exploit', [
      {
        vulnerability: 'CVE-2024-1',
        source: 'CISA',
        doc: { is: 'exploit', vulnerability: 'CVE-2024-1', source: 'CISA', addedAt: '2024-02-01', dueAt: '2024-02-21', action: 'Update.' },
      },
    ])
    await insertRows(db, 'probability', [{ year: 2024, block: 0, numbers: [1], scores: [0.5], percentiles: [0.9] }])
    await insertRows(db, 'component', [
      { id: 1, key: '\\x01', purl: 'pkg:deb/debian/libssl3@3.0.1-2', type: 'deb', name: 'libssl3', version: '3.0.1-2', stale: false },
    ])
    await insertRows(db, 'inventory', [{ id: 1, hash: '\\x01', occurrences: 1, stale: false }])
    await insertRows(db, 'occurrence', [
      { inventory_id: 1, component_id: 1, path: 'var/lib/dpkg/status', layer: 'sha256:aa', extractor: 'debian/dpkg-status' },
    ])
    await insertRows(db, 'resource', [
      {
        id: 1,
        account_id: 0,
        arn: 'urn:1',
        resource_id: 'web-1',
        type: 5,
        region: 'us-east-1',
        tags: {},
        facts: {},
        inventory_id: 1,
        status: 1,
        reason: 'SUCCESSFUL',
        created_at: at[0],
        observed_at: at[0],
      },
    ])
    await insertRows(db, 'vulnerability', [
      {
        id: 1,
        origin: 'CVE-2024-1',
        name: 'CVE-2024-1',
        epss: 0.5,
        epss_percentile: 0.9,
        exploit: true,
        source: 'DEBIAN',
        vendor_severity: 'high',
        facts: { cwes: ['CWE-79'], referenceUrls: ['https://ref.example'] },
      },
    ])
    await insertRows(db, 'match', [
      {
        component_id: 1,
        vulnerability_id: 1,
        verdict: 1,
        fixed_in: '3.0.2-1',
        evidence: [{ id: 'CVE-2024-1', source: 'DEBIAN', is: 'affected', why: { range }, fixedIn: '3.0.2-1' }],
      },
    ])
    await insertRows(db, 'issue', [
      {
        id: 1,
        vulnerability_id: 1,
        origin_id: 1,
        origin_key: 'k',
        kind: 1,
        title: 'CVE-2024-1 - libssl3',
        package_names: ['libssl3'],
        fix: 2,
        exploit: true,
        score: 98,
        severity: 5,
        rev: 1,
        packages: [{ componentId: 1, purl: 'pkg:deb/debian/libssl3@3.0.1-2', type: 'deb', name: 'libssl3', version: '3.0.1-2' }],
      },
    ])
    await insertRows(db, 'finding', [
      {
        account_id: 0,
        n: 1,
        id: '00000000-0000-4000-8000-000000000001',
        first_observed_at: at[0],
        updated_at: at[0],
        resource_id: 1,
        issue_id: 1,
        score: 98,
        status: 1,
        severity: 5,
      },
    ])
    const event = {
      xid: '3',
      account_id: 0,
      finding_id: '00000000-0000-4000-8000-000000000001',
      resource_id: 1,
      issue_id: 1,
      severity: 5,
      score: 98,
      fix: 2,
    }
    await insertRows(db, 'finding_event', [
      { ...event, at: at[0], seq: 1, change: 1, status: 1 },
      { ...event, at: at[1], seq: 2, change: 4, status: 2 },
      { ...event, at: at[2], seq: 3, change: 5, status: 1, severity: 0, score: 0, fix: 0 },
    ])
  })

  it('show every advisory, range, feed and place behind a finding', async () => {
    const { id, evidence } = await findingWithEvidence(store.db, everything, hex)
    expect(id).toBe(hex)
    expect(evidence).toEqual({
      matches: [
        {
          component: 'pkg:deb/debian/libssl3@3.0.1-2',
          version: '3.0.1-2',
          verdict: 'affected',
          advisory: 'CVE-2024-1',
          source: 'DEBIAN',
          feed: 'osv/Debian',
          why: { range },
          fixedIn: '3.0.2-1',
        },
      ],
      locations: [
        { component: 'pkg:deb/debian/libssl3@3.0.1-2', path: 'var/lib/dpkg/status', layer: 'sha256:aa', extractor: 'debian/dpkg-status' },
      ],
    })
  })

  it.each([
    ['nothing of that id', 'ffffffffffffffffffffffffffffffff', everything],
    ['no id at all', "' or true --", everything],
    ['a finding of another account', hex, { ...everything, accounts: ['123456789012'] }],
    ['a finding of another Region', hex, { ...everything, regions: ['eu-west-1'] }],
  ])('show nothing for %s', async (_, id, scope) => {
    await expect(findingWithEvidence(store.db, scope, id)).rejects.toThrow(`There is no finding ${id}.`)
    await expect(findingHistory(store.db, scope, id)).rejects.toThrow(`There is no finding ${id}.`)
  })

  it('tell its history, newest first, page by page', async () => {
    const first = await findingHistory(store.db, everything, hex, { limit: 2 })
    const second = await findingHistory(store.db, everything, hex, { limit: 2, after: first.after })
    expect([...first.items, ...second.items]).toEqual([
      { at: new Date(at[2]), change: 'RESTORED', status: 'ACTIVE', severity: 'UNTRIAGED', fixAvailable: 'NO' },
      { at: new Date(at[1]), change: 'SUPPRESSED', status: 'SUPPRESSED', severity: 'CRITICAL', score: 9.8, fixAvailable: 'YES' },
      { at: new Date(at[0]), change: 'OPENED', status: 'ACTIVE', severity: 'CRITICAL', score: 9.8, fixAvailable: 'YES' },
    ])
    expect(second.after).toBeUndefined()
  })

  it('answer a batch with a detail or an error for each ARN', async () => {
    const other = arn.replace('000000000000', '123456789012')
    const gone = arn.replace(hex, 'f'.repeat(32))
    expect(await batchFindingDetails(store.db, { ...everything, accounts: ['000000000000'] }, [arn, other, gone, 'x'])).toEqual({
      findingDetails: [
        {
          findingArn: arn,
          cisaData: { dateAdded: new Date('2024-02-01'), dateDue: new Date('2024-02-21'), action: 'Update.' },
          riskScore: 98,
          evidences: [
            {
              evidenceRule: 'DEBIAN CVE-2024-1',
              evidenceDetail: expect.stringMatching(/^pkg:deb\/debian\/libssl3@3\.0\.1-2 \{"range": /),
              severity: 'high',
            },
          ],
          referenceUrls: ['https://ref.example'],
          cwes: ['CWE-79'],
          epssScore: 0.5,
        },
      ],
      errors: [
        { findingArn: other, errorCode: 'ACCESS_DENIED', errorMessage: 'The account 123456789012 is not yours to see.' },
        { findingArn: gone, errorCode: 'FINDING_DETAILS_NOT_FOUND', errorMessage: 'There is no such finding.' },
        { findingArn: 'x', errorCode: 'INVALID_INPUT', errorMessage: 'This is no ARN of a finding.' },
      ],
    })
  })

  it('find a vulnerability that the feeds know, whether or not anything has it', async () => {
    expect(await searchVulnerability(store.db, 'CVE-2024-1')).toEqual({
      id: 'CVE-2024-1',
      source: 'DEBIAN',
      description: 'A hole.',
      sourceUrl: 'https://security.example/CVE-2024-1',
      vendorSeverity: 'high',
      vendorCreatedAt: new Date('2024-01-01'),
      cwes: ['CWE-79'],
      referenceUrls: ['https://ref.example'],
      relatedVulnerabilities: ['GHSA-x'],
      detectionPlatforms: ['Debian:12'],
      cvss3: { baseScore: 9.8, scoringVector: vector },
      epss: { score: 0.5 },
      cisaData: { dateAdded: new Date('2024-02-01'), dateDue: new Date('2024-02-21'), action: 'Update.' },
    })
    expect(await searchVulnerability(store.db, 'CVE-2024-2')).toBeUndefined()
  })
})
