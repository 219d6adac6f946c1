import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOsv } from './osv.ts'

const minimal = { id: 'GHSA-aaaa-bbbb-cccc', modified: '2025-01-02T03:04:05Z' }
const npm = (more: object) => ({ ...minimal, affected: [{ package: { ecosystem: 'npm', name: 'left' }, ...more }] })

/** The members a case is about, of an advisory that must be whole. */
function pick<K extends string>(record: unknown, ...members: readonly K[]): unknown {
  const read = readOsv(record, 'file') as unknown as Record<string, unknown>
  expect(read['is']).toBe('advisory')
  return Object.fromEntries(members.map((member) => [member, read[member]]))
}

it('translates a Debian record: its release, urgency, and whose vector it carries', () => {
  expect(
    readOsv(
      {
        schema_version: '1.6.0',
        id: 'CVE-2099-0001',
        published: '2099-01-01T00:00:00Z',
        modified: '2099-02-01T00:00:00.123456Z',
        aliases: ['GHSA-aaaa-bbbb-cccc'],
        related: ['DSA-1-1', 'CVE-2099-0002'],
        details: 'A flaw.',
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
        affected: [
          {
            package: { ecosystem: 'Debian:12', name: 'flawed', purl: 'pkg:deb/debian/flawed?arch=source' },
            ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1:2.0-1+deb12u1' }] }],
            versions: ['1:1.0-1', '1:1.9-1'],
            ecosystem_specific: { urgency: 'not yet assigned' },
          },
          { package: {}, ranges: [{ type: 'GIT', repo: 'https://example.org/r.git', events: [{ introduced: '0' }] }], versions: ['v1'] },
        ],
        references: [
          { type: 'WEB', url: 'https://example.org/a' },
          { type: 'WEB', url: 'javascript:alert(1)' },
          { type: 'WEB', url: 'https://example.org/a' },
        ],
      },
      'CVE-2099-0001',
    ),
  ).toEqual({
    is: 'advisory',
    id: 'CVE-2099-0001',
    source: 'DEBIAN',
    url: 'https://security-tracker.debian.org/tracker/CVE-2099-0001',
    aliases: ['GHSA-aaaa-bbbb-cccc'],
    bundles: [],
    published: '2099-01-01T00:00:00Z',
    modified: '2099-02-01T00:00:00.123456Z',
    details: 'A flaw.',
    severities: [{ type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'NVD' }],
    references: ['https://example.org/a'],
    cwes: [],
    affected: [
      {
        ecosystem: 'Debian:12',
        name: 'flawed',
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1:2.0-1+deb12u1' }] }],
        versions: [],
        vendorSeverity: 'not yet assigned',
      },
    ],
  })
})

it('translates a GitHub record: listed versions stay beside SEMVER ranges', () => {
  expect(
    readOsv(
      {
        ...minimal,
        aliases: ['CVE-2099-0003'],
        withdrawn: '2025-01-03T00:00:00Z',
        summary: 'Bad',
        severity: [
          { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' },
          { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N' },
        ],
        database_specific: { severity: 'MODERATE', cwe_ids: ['CWE-79', 'nonsense'], github_reviewed: true },
        affected: [
          {
            package: { ecosystem: 'npm', name: '@scope/left' },
            ranges: [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }] }],
            versions: ['0.9.0'],
          },
        ],
      },
      'x',
    ),
  ).toEqual({
    is: 'advisory',
    id: 'GHSA-aaaa-bbbb-cccc',
    source: 'GITHUB',
    url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    aliases: ['CVE-2099-0003'],
    bundles: [],
    modified: '2025-01-02T03:04:05Z',
    withdrawn: '2025-01-03T00:00:00Z',
    summary: 'Bad',
    severities: [
      { type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N', source: 'GITHUB' },
      { type: 'CVSS_V4', vector: 'CVSS:4.0/AV:N', source: 'GITHUB' },
    ],
    vendorSeverity: 'MODERATE',
    references: [],
    cwes: ['CWE-79'],
    affected: [
      {
        ecosystem: 'npm',
        name: '@scope/left',
        ranges: [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }] }],
        versions: ['0.9.0'],
      },
    ],
  })
})

it('marks hostile packages', () => {
  const record = { id: 'MAL-2024-1', affected: [{ package: { ecosystem: 'npm', name: 'evil' }, versions: ['1.0.0'] }] }
  expect(pick(record, 'source', 'malicious', 'affected')).toEqual({
    source: 'OPENSSF',
    malicious: true,
    affected: [{ ecosystem: 'npm', name: 'evil', ranges: [], versions: ['1.0.0'] }],
  })
})

describe('what a record is about', () => {
  it.each([
    [
      'the CVE in its id',
      { id: 'DEBIAN-CVE-2024-1000', upstream: ['CVE-2024-1000'] },
      { source: 'DEBIAN', aliases: ['CVE-2024-1000'], bundles: [] },
    ],
    [
      'the CVE in its id alone',
      { id: 'UBUNTU-CVE-2024-1000', upstream: ['CVE-2024-1000', 'CVE-2024-1001'] },
      { source: 'UBUNTU', aliases: ['CVE-2024-1000'], bundles: [] },
    ],
    ['the one CVE it comes from', { id: 'XYZ-1', upstream: ['CVE-2024-1000'] }, { source: 'XYZ', aliases: ['CVE-2024-1000'], bundles: [] }],
    [
      'the CVEs it comes from',
      { id: 'XYZ-1', upstream: ['CVE-2024-1000', 'DEBIAN-CVE-2024-1001'] },
      { source: 'XYZ', aliases: [], bundles: ['CVE-2024-1000', 'CVE-2024-1001'] },
    ],
    [
      'a bundle of upstream CVEs',
      { id: 'DSA-1-1', upstream: ['CVE-2024-1000', 'CVE-2024-1001'], related: ['CVE-2024-9999'] },
      { source: 'DEBIAN', aliases: [], bundles: ['CVE-2024-1000', 'CVE-2024-1001'] },
    ],
    [
      'a bundle of related CVEs',
      { id: 'RHSA-2024:1', related: ['CVE-2024-1000', 'RHBA-1', 'CVE-2024-1000'] },
      { source: 'REDHAT', aliases: [], bundles: ['CVE-2024-1000'] },
    ],
    [
      'a bundle of aliases',
      { id: 'DLA-1-1', aliases: ['CVE-2024-1000', 'CVE-2024-1001', 'OTHER-1'] },
      { source: 'DEBIAN', aliases: ['OTHER-1'], bundles: ['CVE-2024-1000', 'CVE-2024-1001'] },
    ],
    ['a bundle that names none', { id: 'DSA-2-1', related: ['DSA-1-1'] }, { source: 'DEBIAN', aliases: [], bundles: [] }],
    [
      'a long prefix',
      { id: 'openSUSE-SU-2024:14017-1', related: ['CVE-2024-1000'] },
      { source: 'SUSE', aliases: [], bundles: ['CVE-2024-1000'] },
    ],
    [
      'related CVEs are no aliases',
      { id: 'GHSA-aaaa-bbbb-cccc', related: ['CVE-2024-1000'] },
      { source: 'GITHUB', aliases: [], bundles: [] },
    ],
    ['a plain CVE of nobody else', { id: 'CVE-2024-1000', related: ['CVE-2024-1001'] }, { source: 'NVD', aliases: [], bundles: [] }],
  ])('%s', (_, record, expected) => {
    expect(pick(record, 'source', 'aliases', 'bundles')).toEqual(expected)
  })
})

it.each([
  ['Go’s zero time', { published: '0001-01-01T00:00:00Z', modified: '0001-01-01T00:00:00Z' }],
  ['a day that is none', { published: '2024-13-41T00:00:00Z', modified: 'yesterday' }],
  ['a number', { published: 5, modified: null }],
])('has no date from %s', (_, dates) => {
  expect(pick({ ...minimal, ...dates }, 'published', 'modified')).toEqual({ published: undefined, modified: undefined })
})

it('takes the vendor’s word where there is no vector', () => {
  const record = { id: 'UBUNTU-CVE-2024-1', severity: [{ type: 'Ubuntu', score: 'medium' }] }
  expect(pick(record, 'severities', 'vendorSeverity')).toEqual({ severities: [], vendorSeverity: 'medium' })
})

it('cuts long texts and lists, and keeps half characters and NUL out', () => {
  const read = readOsv(
    {
      ...minimal,
      summary: '\u{1f600}'.repeat(300),
      details: `a\0b${'c'.repeat(10_000)}`,
      references: Array.from({ length: 80 }, (_, n) => ({ url: `https://example.org/${n}` })),
    },
    'x',
  )
  if (read.is !== 'advisory') throw new Error(read.reason)
  expect(read.summary).toBe(`${'\u{1f600}'.repeat(249)}\ufffd…`)
  expect(read.details?.slice(0, 4)).toBe('a\ufffdbc')
  expect(read.details?.length).toBe(8192)
  expect(read.references.length).toBe(50)
})

it.each([
  ['no object', [], 'file', 'expected a JSON object'],
  ['no id', { modified: '2025-01-01T00:00:00Z' }, 'file', 'expected an id, got nothing'],
  ['an id that is a path', { id: '../../etc/passwd' }, 'file', 'expected an id, got "../../etc/passwd"'],
  ['affected that is no list', { ...minimal, affected: 'npm' }, minimal.id, 'affected: expected a list, got "npm"'],
  [
    'a package without a name',
    { ...minimal, affected: [{ package: { ecosystem: 'npm' } }] },
    minimal.id,
    'affected: expected ecosystem and name of a package, got {"ecosystem":"npm"}',
  ],
  [
    'a name with NUL',
    { ...minimal, affected: [{ package: { ecosystem: 'npm', name: 'a\0' } }] },
    minimal.id,
    'affected: expected ecosystem and name of a package, got {"ecosystem":"npm","name":"a\\u0000"}',
  ],
  [
    'a range of unknown type',
    npm({ ranges: [{ type: 'MAGIC', events: [{ introduced: '0' }] }] }),
    minimal.id,
    'affected left: expected a range of type ECOSYSTEM, SEMVER or GIT, got "MAGIC"',
  ],
  [
    'an event of unknown kind',
    npm({ ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { mended: '1' }] }] }),
    minimal.id,
    'affected left: expected introduced, fixed, last_affected or limit, got {"mended":"1"}',
  ],
  [
    'a range that never begins',
    npm({ ranges: [{ type: 'SEMVER', events: [{ fixed: '1.0.0' }] }] }),
    minimal.id,
    'affected left: a range without introduced',
  ],
  ['versions that are no strings', npm({ versions: [1] }), minimal.id, 'affected left: versions that are no strings'],
  ['a withdrawal without a day', { ...minimal, withdrawn: 'true' }, minimal.id, 'withdrawn is no date: "true"'],
  ['too many packages', { ...minimal, affected: Array(5001).fill({}) }, minimal.id, 'affected: 5001 members, at most 5000 are read'],
])('says why a record is broken: %s', (_, record, name, reason) => {
  expect(readOsv(record, 'file')).toEqual({ is: 'broken', record: name, reason })
})

it('never throws, whatever it is given', () => {
  const names = [
    'id',
    'affected',
    'package',
    'ecosystem',
    'name',
    'ranges',
    'events',
    'versions',
    'severity',
    'aliases',
    'type',
    'introduced',
    'withdrawn',
    'database_specific',
    'references',
    'url',
  ]
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom('DSA-1-1', 'CVE-2024-1000', 'SEMVER', 'npm', null, 0, true),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
    ),
  })).value
  fc.assert(fc.property(anything, (record) => ['advisory', 'broken'].includes(readOsv(record, 'file').is)))
  fc.assert(
    fc.property(fc.record({ id: fc.constant('DSA-1-1'), affected: fc.array(anything), severity: anything, aliases: anything }), (record) =>
      ['advisory', 'broken'].includes(readOsv(record, 'file').is),
    ),
  )
})
