import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipOf } from '../zip.ts'

/** How many findings of one package there are: more than a page of 25. */
export const manyCount = 30

/** A small world of our own: a mirror of feeds, a Debian root file system, and a project with a lockfile that cannot be read. */
export async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'oi-browser-'))
  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const records = (advisories: readonly { readonly id: string }[]) =>
    zipOf(advisories.map((advisory) => ({ name: `${advisory.id}.json`, content: JSON.stringify(advisory) })))

  await put('feeds/osv/Debian/all.zip', records([worst, unfixed, ...many]))
  await put('feeds/osv/npm/all.zip', records([script]))
  await put('feeds/cisa/known_exploited_vulnerabilities.json', JSON.stringify(catalogue))
  await put('feeds/epss/epss_scores-current.csv.gz', gzipSync(scores))
  await put('root/etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"\n')
  await put('root/var/lib/dpkg/status', packages.map(stanza).join('\n'))
  await mkdir(join(folder, 'bare'))
  await put('project/package-lock.json', JSON.stringify(lockfile))
  await put('project/broken/package-lock.json', '{"lockfileVersion": 3, "packages": {')
  return {
    feeds: join(folder, 'feeds'),
    root: join(folder, 'root'),
    project: join(folder, 'project'),
    /** Holds nothing that anybody could read: known, and never scanned. */
    bare: join(folder, 'bare'),
    /** A data folder of its own for each server. */
    data: async (name: string, config?: unknown) => {
      await put(`${name}/config.json`, JSON.stringify(config ?? {}))
      return join(folder, name)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const now = new Date().toISOString()
const debian = (id: string, name: string, vector: string, events: readonly object[], summary: string) => ({
  id,
  published: '2026-01-05T00:00:00Z',
  modified: now,
  summary,
  details: `${summary}. Made up for this test.`,
  severity: [{ type: 'CVSS_V3', score: vector }],
  affected: [{ package: { ecosystem: 'Debian:12', name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
  references: [{ type: 'ADVISORY', url: `https://example.org/${id}` }],
})

const worst = debian(
  'CVE-2099-10001',
  'acme-archive',
  'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  [{ introduced: '0' }, { fixed: '1.2.0-2' }],
  'A crafted archive lets a stranger run code',
)
const unfixed = debian(
  'CVE-2099-10002',
  'acme-archive',
  'CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N',
  [{ introduced: '0' }],
  'Names of temporary files can be guessed',
)
const many = Array.from({ length: manyCount }, (_, index) =>
  debian(
    `CVE-2099-2${String(index).padStart(4, '0')}`,
    'acme-parser',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L',
    [{ introduced: '0' }, { fixed: '3.0-1' }],
    `Weakness number ${index + 1} of the parser`,
  ),
)
const script = {
  id: 'GHSA-2222-3333-4444',
  aliases: ['CVE-2099-10003'],
  published: '2026-02-01T00:00:00Z',
  modified: now,
  summary: 'The template of a stranger runs as code',
  details: 'Made up for this test.',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'acme-template' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.1' }] }],
    },
  ],
}
const catalogue = {
  title: 'Known exploited',
  catalogVersion: '2026.01.05',
  dateReleased: now,
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2099-10001',
      vendorProject: 'Acme',
      product: 'Archive',
      vulnerabilityName: 'Acme Archive code execution',
      dateAdded: '2026-01-07',
      shortDescription: 'Made up for this test.',
      requiredAction: 'Update.',
      dueDate: '2026-01-28',
      knownRansomwareCampaignUse: 'Unknown',
      notes: '',
    },
  ],
}
const scores = `#model_version:v2025.03.14,score_date:${now.slice(0, 10)}T00:00:00+0000\ncve,epss,percentile\nCVE-2099-10001,0.91,0.99\nCVE-2099-10002,0.0004,0.1\n`

const packages = [
  { name: 'libacme-archive1', source: 'acme-archive', version: '1.2.0-1' },
  { name: 'acme-archive-tools', source: 'acme-archive', version: '1.2.0-1' },
  { name: 'acme-parser', source: 'acme-parser', version: '2.9-4' },
]
const stanza = ({ name, source, version }: (typeof packages)[number]) =>
  `Package: ${name}\nStatus: install ok installed\nSource: ${source}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: made up for this test\n`
const lockfile = {
  name: 'project',
  lockfileVersion: 3,
  packages: {
    '': { name: 'project', dependencies: { 'acme-template': '^2.0.0' } },
    'node_modules/acme-template': { version: '2.0.0', resolved: 'https://example.org/acme-template-2.0.0.tgz' },
  },
}
