import { rmSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { archiveTree } from '../../src/formats/archive/archive-tree.ts'
import { openArchive } from '../../src/formats/archive/open-archive.ts'
import { type BoltBucket, readBolt } from '../../src/formats/bolt.ts'
import { controlStanzas } from '../../src/formats/control-stanzas.ts'
import { parseLvmText } from '../../src/formats/disk/lvm-text.ts'
import { readImage } from '../../src/formats/image/image.ts'
import { openCarrier } from '../../src/formats/image/open-carrier.ts'
import { parseJson } from '../../src/formats/json.ts'
import { parseJsonc } from '../../src/formats/jsonc.ts'
import { readOsv } from '../../src/formats/osv.ts'
import { readPrograms } from '../../src/formats/program.ts'
import { parsePurl } from '../../src/formats/purl-read.ts'
import { purlOf } from '../../src/formats/purl.ts'
import { readRpmHeader, rpmTags } from '../../src/formats/rpm-header.ts'
import { readSbom } from '../../src/formats/sbom.ts'
import { readSqliteTable } from '../../src/formats/sqlite-table.ts'
import { parseToml } from '../../src/formats/toml.ts'
import { readXml } from '../../src/formats/xml.ts'
import { parseYaml, parseYamlDocuments } from '../../src/formats/yaml.ts'
import { bytesSource, openZip, zipLimits } from '../../src/formats/zip.ts'
import { limits } from '../../src/kit/limits.ts'
import { fileInMemory } from '../../src/kit/scan-file.ts'
import { walkTar } from '../../src/kit/tar.ts'
import { archiveOf, layoutFiles, savedFiles, tarOf } from '../archives.ts'
import { boltOf, withBoltSums } from '../bolt.ts'
import { BASE, elfOf, fatOf, machOOf, peOf } from '../programs.ts'
import { samples, type Sample } from '../samples.ts'
import { zipOf } from '../zip.ts'
import { Broken, type FuzzTarget } from './target.ts'

/** Far below what honest inputs may have, so that passing them costs little. */
const few = { ...limits, unpackedBytes: 1 << 24, ratioFromBytes: 1 << 20, entries: 5_000, fileBytes: 1 << 20, passingBytes: 1 << 22 }

/** The formats that several units read. */
export async function formatTargets(): Promise<readonly FuzzTarget[]> {
  const all = samples()
  const named = (pattern: RegExp) => all.filter(({ path }) => pattern.test(path)).map(({ content }) => content)
  return [
    text('json', named(/\.json$/), (given) => parseJson(given)),
    text('jsonc', [...named(/bun\.lock$/), ...named(/\.json$/)], asJson),
    text('yaml', named(/\.ya?ml$/), async (given) => [await parseYaml(given), await outcome(() => parseYamlDocuments(given))]),
    text('toml', named(/\.toml$|Cargo\.lock$|poetry\.lock$|uv\.lock$/), (given) => Object.keys(parseToml(given) as object)),
    text('xml', named(/pom\.xml$|proj$|\.config$|\.nuspec$/), (given) => readXml(given)),
    text('control-stanzas', named(/dpkg\/status$|opkg\/status$/), stanzas),
    text('lvm-text', [Buffer.from(volumeGroup)], (given) => shown(parseLvmText(given))),
    text('purl', purls.map(Buffer.from), roundPurl),
    text(
      'osv',
      osvRecords.map((record) => Buffer.from(JSON.stringify(record))),
      (given) => readOsv(parseJson(given), 'X-1'),
    ),
    text(
      'sbom',
      [...sboms.map((document) => JSON.stringify(document)), ...sbomTexts].map((document) => Buffer.from(document)),
      (given) => checkedSbom(given),
    ),
    ...binaryTargets(all),
    ...(await archiveTargets()),
  ]
}

const text = (id: string, seeds: readonly Buffer[], read: (given: string) => unknown): FuzzTarget => ({
  id: `formats/${id}`,
  seeds,
  shape: 'text',
  run: async (input) => await read(input.toString('utf8')),
})

const outcome = async (read: () => Promise<unknown>): Promise<unknown> => await read().catch((thrown: Error) => thrown.message)

/** What is JSON is JSON with comments, too, and the same. */
function asJson(given: string): unknown {
  let strict: { readonly value: unknown } | undefined
  try {
    strict = { value: parseJson(given) }
  } catch {
    strict = undefined
  }
  const value = parseJsonc(given)
  if (strict !== undefined && JSON.stringify(strict.value) !== JSON.stringify(value))
    throw new Broken('JSON is read otherwise as JSON with comments')
  return value
}

const shown = (value: unknown): unknown => (value instanceof Map ? [...value].map(([key, member]) => [key, shown(member)]) : value)

function stanzas(given: string): unknown {
  const problems: string[] = []
  const form = { fields: ['package', 'version', 'status', 'depends'] as const, writer: 'dpkg', longest: 1000 }
  return [[...controlStanzas(given, form, (reason) => problems.push(reason))], problems]
}

/** What was read and is written is read as the same. */
function roundPurl(given: string): unknown {
  const purl = parsePurl(given)
  if (purl === undefined) return undefined
  const { type, namespace, name, version = '', qualifiers } = purl
  const again = parsePurl(purlOf(type, namespace, name, version, qualifiers))
  // Half a surrogate pair becomes U+FFFD, and what is empty is not written.
  if (again?.name !== name.toWellFormed() || (again.version ?? '') !== version.toWellFormed())
    throw new Broken(`written and read again it is ${JSON.stringify(again)}, was ${JSON.stringify(purl)}`)
  return purl
}

async function checkedSbom(given: string): Promise<unknown> {
  const content = await readSbom(given, 'bom.json')
  for (const { component, at } of content.occurrences)
    if (component.name === '' || parsePurl(component.purl) === undefined || at.path === '')
      throw new Broken(`a component without name, purl or place: ${JSON.stringify(component)}`)
  for (const { path, reason } of content.gaps) if (path === '' || reason === '') throw new Broken('a gap without place or reason')
  return content
}

function binaryTargets(all: readonly Sample[]): readonly FuzzTarget[] {
  const sections = { '.text': Buffer.alloc(40, 1), '.note.package': Buffer.alloc(32, 4), '.go.buildinfo': Buffer.alloc(48, BASE & 255) }
  const elfs = [
    elfOf({ sections, soname: 'libx.so.1', needs: ['libc.so.6', 'libm.so.6'] }),
    elfOf({ sections, bits: 32, little: false, needs: ['libc.so.6'] }),
    elfOf({ sections, bare: true }),
  ]
  const sqlite = all.filter(({ path }) => path.endsWith('.sqlite')).map(({ content }) => content)
  const ofRpm = all.filter(({ path }) => path.endsWith('/rpmdb.sqlite'))
  const headers = ofRpm.flatMap(({ content }) =>
    [...readSqliteTable(content, undefined, 'Packages', () => {})].map(([, blob]) => Buffer.from(blob as Uint8Array)),
  )
  const program = (id: string, seeds: readonly Buffer[]): FuzzTarget => ({
    id: `formats/${id}`,
    seeds,
    shape: 'bytes',
    async run(input) {
      const programs = await readPrograms(fileInMemory({ path: 'x', size: input.length, mode: 0o755 }, input, limits.fileBytes))
      for (const { sections: parts } of programs)
        for (const { offset, size } of parts)
          if (!(offset >= 0) || !(size >= 0)) throw new Broken(`a section of ${size} bytes at ${offset}`)
      return programs
    },
  })
  return [
    program('elf', elfs),
    program('pe', [peOf({ sections }), peOf({ sections, bits: 32 })]),
    program('macho', [machOOf({ sections }), machOOf({ sections, little: false }), fatOf([machOOf({ sections }), machOOf({})])]),
    {
      id: 'formats/sqlite-table',
      // Its pages of index take most of the room, and are not read.
      seeds: sqlite,
      shape: 'bytes',
      async run(input) {
        const damage: string[] = []
        const rows = readSqliteTable(input, undefined, 'Packages', (reason) => damage.push(reason))
        const told = [...rows].map((row) => row.map((cell) => (cell instanceof Uint8Array ? cell.length : cell)))
        if (told.length + damage.length > input.length) throw new Broken('more rows than bytes')
        return [told, damage]
      },
    },
    {
      id: 'formats/rpm-header',
      seeds: headers.slice(0, 4),
      shape: 'bytes',
      async run(input) {
        const header = readRpmHeader(input)
        return Object.values(rpmTags).map((tag) => [header.strings(tag), header.numbers(tag)])
      },
    },
  ]
}

async function archiveTargets(): Promise<readonly FuzzTarget[]> {
  const entries = [
    { name: 'app/', content: '' },
    { name: 'app/package.json', content: '{"name":"a"}' },
    { name: `long/${'x'.repeat(150)}/file`, content: 'long' },
  ]
  const links = [...entries, { name: 'etc', symlink: 'app' }, { name: 'hard', link: 'app/package.json' }]
  const tar = await tarOf(links)
  const zips = [
    zipOf(entries),
    zipOf([...entries, { name: 'link', content: 'app', mode: 0o120777 }], { zip64: true, comment: 'c' }),
    zipOf([
      { name: 'a', content: 'aa'.repeat(500), descriptor: true },
      { name: 'b', content: 'stored', method: 0 },
    ]),
  ]
  const image = [archiveOf(savedFiles([tar], ['shop:1'])), archiveOf(layoutFiles([{ layers: [tar] }]))]
  return [
    {
      id: 'formats/zip',
      seeds: zips,
      shape: 'bytes',
      async run(input) {
        const zip = await openZip(bytesSource(input), { ...zipLimits, entryBytes: 1 << 20, totalBytes: 1 << 22, entries: 5_000 })
        const told: unknown[] = []
        for (const entry of zip.entries()) {
          if (entry.path?.split('/').includes('..')) throw new Broken(`a path that leads out: ${entry.path}`)
          told.push([entry, await outcome(async () => (await zip.read(entry)).length)])
        }
        return told
      },
    },
    {
      id: 'formats/tar',
      seeds: [tar],
      shape: 'bytes',
      repair: withChecksums,
      async run(input) {
        const told: unknown[] = []
        const walk = walkTar({ visit: (entry) => (told.push(entry), true), take: (_, content) => told.push(content.length) }, 'tar', few)
        // In pieces, as it comes from a disk or a network.
        for (let at = 0; at < input.length && !walk.ended; at += 700) walk.push(input.subarray(at, at + 700))
        walk.end()
        return told
      },
    },
    onDisk('bolt', [boltOf(namesOfImages)], async (path) => await readBolt(path, bucketsIn), withBoltSums),
    onDisk('archive', [tar, ...zips, gzipSync(tar), zstdCompressSync(tar)], listArchive),
    onDisk('image', await Promise.all(image), async (path) => {
      const carrier = await openCarrier(path, few)
      try {
        const { layers, ...about } = await readImage(carrier, few)
        return [about, layers.map(({ diffId }) => diffId)]
      } finally {
        await carrier.close()
      }
    }),
  ]
}

function onDisk(
  id: string,
  seeds: readonly Buffer[],
  read: (path: string) => Promise<unknown>,
  repair: (input: Buffer) => Buffer = withChecksums,
): FuzzTarget {
  return {
    id: `formats/${id}`,
    seeds,
    shape: 'bytes',
    repair,
    async run(input) {
      const folder = mkdtempSync(join(tmpdir(), 'oi-fuzz-'))
      try {
        writeFileSync(join(folder, 'input'), input)
        const told = await outcome(() => read(join(folder, 'input')))
        return JSON.parse(JSON.stringify(told ?? null).replaceAll(folder, ''))
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  }
}

async function bucketsIn(bucket: BoltBucket): Promise<unknown> {
  const told: unknown[] = []
  for (const [name, inner] of await bucket.entries()) told.push([name, Buffer.isBuffer(inner) ? inner.length : await bucketsIn(inner)])
  if (told.length > 100_000) throw new Broken('more entries than there is room for')
  return told
}

const namesOfImages = ['default', 'k8s.io'].map((namespace) => ({
  [namespace]: {
    images: { 'example.org/shop:1': { labels: {}, target: { digest: `sha256:${'0'.repeat(64)}`, size: '1' } } },
    version: '3',
  },
}))

async function listArchive(path: string): Promise<unknown> {
  const archive = await openArchive(path, few)
  try {
    const tree = archiveTree(archive, few)
    const told: unknown[] = []
    for await (const entry of tree.entries((gap) => told.push(gap))) {
      if (entry.path.split('/').some((step) => step === '' || step === '..')) throw new Broken(`a path that leads elsewhere: ${entry.path}`)
      told.push([entry, await outcome(async () => (await (await tree.open(entry.path))!.bytes()).length)])
    }
    return told
  } finally {
    await archive.close()
  }
}

/** Sums of every block that looks like a tar header, so that changes to headers are read. */
function withChecksums(input: Buffer): Buffer {
  const bytes = Buffer.from(input)
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512)
    if (block.toString('latin1', 257, 262) !== 'ustar') continue
    block.fill(' ', 148, 156)
    let sum = 0
    for (const byte of block) sum += byte
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  }
  return bytes
}

const volumeGroup = `contents = "Text Format Volume Group"
version = 1
vg0 {
id = "a"
status = ["RESIZEABLE", "READ", "WRITE"]
extent_size = 8192 # 4 Megabytes
logical_volumes { root { segment_count = 1 segment1 { start_extent = 0 type = "striped" stripes = ["pv0", 0] } } }
}
`
const purls = [
  'pkg:npm/%40babel/core@7.0.0',
  'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14?arch=amd64&distro=debian-12',
  'pkg:golang/github.com/a/b@v1.0.0#sub/path',
  'pkg:npm/@scope/name',
]
const osvRecords = [
  {
    id: 'GHSA-aaaa-bbbb-cccc',
    aliases: ['CVE-2026-0001'],
    published: '2026-01-01T00:00:00Z',
    modified: '2026-01-02T00:00:00Z',
    summary: 'One',
    details: 'Two',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    references: [{ type: 'WEB', url: 'https://example.org/1' }],
    database_specific: { severity: 'HIGH', cwe_ids: ['CWE-79'] },
    affected: [
      {
        package: { ecosystem: 'npm', name: 'left-pad' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.3' }] }],
        versions: ['1.0.0'],
      },
    ],
  },
  {
    id: 'RHSA-2026:0001',
    upstream: ['CVE-2026-0002'],
    withdrawn: '2026-01-03T00:00:00Z',
    affected: [
      {
        package: { ecosystem: 'Red Hat:enterprise_linux:9::appstream', name: 'bash', purl: 'pkg:rpm/redhat/bash' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { last_affected: '0:5.1-2.el9' }] }],
        ecosystem_specific: { urgency: 'low' },
      },
    ],
  },
]
const sbomTexts = [
  `SPDXVersion: SPDX-2.3
SPDXID: SPDXRef-DOCUMENT
DocumentName: shop
PackageName: a
SPDXID: SPDXRef-a
PackageVersion: 1
PackageChecksum: SHA1: ${'0'.repeat(40)}
PackageLicenseDeclared: LicenseRef-1
PackageSourceInfo: <text>built package
from: x 1</text>
ExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a
LicenseID: LicenseRef-1
LicenseName: Own
SPDXREF: SPDXRef-a
AnnotationComment: <text>openinspector:place {"path":"b"}</text>
`,
  `<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata><component type="container" bom-ref="r"><name>x</name></component></metadata><components>
<component type="library" bom-ref="a"><name>a</name><version>1</version><hashes><hash alg="MD5">${'0'.repeat(32)}</hash></hashes><licenses><expression>MIT</expression></licenses>
<purl>pkg:npm/a@1</purl><properties><property name="SrcFile">/a</property></properties><evidence><occurrences><occurrence><location>/b</location></occurrence></occurrences></evidence>
</component></components><dependencies><dependency ref="r"><dependency ref="a"/></dependency></dependencies></bom>`,
]
const sboms = [
  {
    artifacts: [
      {
        id: 'a',
        name: 'a',
        version: '1',
        purl: 'pkg:deb/debian/a@1',
        locations: [{ path: '/a', annotations: { evidence: 'primary' } }],
        licenses: [{ value: 'MIT' }],
      },
      {
        id: 'b',
        name: 'b',
        purl: 'pkg:npm/b@1',
        cpes: [{ cpe: 'cpe:2.3:a:b:b:1:*:*:*:*:*:*:*' }],
        metadata: { source: 's', sourceVersion: '2' },
      },
    ],
    artifactRelationships: [
      { parent: 'a', child: 'b', type: 'ownership-by-file-overlap' },
      { parent: 'a', child: 'b', type: 'dependency-of' },
    ],
    distro: { id: 'debian', versionID: '12' },
    descriptor: { name: 'syft' },
  },
  {
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      { type: 'SpdxDocument', spdxId: 'urn:d', rootElement: ['urn:b'] },
      { type: 'software_Sbom', spdxId: 'urn:b', rootElement: ['urn:a'] },
      {
        type: 'software_Package',
        spdxId: 'urn:a',
        name: 'a',
        software_packageUrl: 'pkg:npm/a@1',
        verifiedUsing: [{ algorithm: 'md5', hashValue: '0' }],
      },
      { type: 'Relationship', from: 'urn:a', to: ['urn:a', 'urn:l'], relationshipType: 'dependsOn', scope: 'development' },
      { type: 'Relationship', from: 'urn:a', to: ['urn:l'], relationshipType: 'hasDeclaredLicense' },
      { type: 'simplelicensing_LicenseExpression', spdxId: 'urn:l', simplelicensing_licenseExpression: 'MIT' },
      { type: 'Annotation', subject: 'urn:a', statement: 'openinspector:place {"path":"a"}' },
    ],
  },
  {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'shop', type: 'container' } },
    components: [
      { type: 'operating-system', name: 'debian', version: '12' },
      {
        type: 'library',
        'bom-ref': 'a',
        name: 'left-pad',
        version: '1.3.0',
        purl: 'pkg:npm/left-pad@1.3.0',
        evidence: { occurrences: [{ location: 'app/package-lock.json' }] },
        properties: [
          { name: 'aquasecurity:trivy:SrcName', value: 'x' },
          { name: 'openinspector:place', value: '{"path":"app/package-lock.json","scope":"dev","direct":true}' },
        ],
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }],
        components: [{ type: 'library', name: 'inner', version: '1', purl: 'pkg:npm/inner@1' }],
      },
    ],
    dependencies: [{ ref: 'a', dependsOn: ['a'] }],
    compositions: [{ aggregate: 'incomplete', assemblies: ['root'] }],
    vulnerabilities: [
      { id: 'CVE-2026-1', analysis: { state: 'not_affected', detail: 'x' }, affects: [{ ref: 'a' }, { ref: 'urn:cdx:x/1#a' }] },
    ],
  },
  {
    spdxVersion: 'SPDX-2.3',
    name: 'shop',
    documentDescribes: ['SPDXRef-root'],
    packages: [
      { SPDXID: 'SPDXRef-root', name: 'shop' },
      {
        SPDXID: 'SPDXRef-1',
        name: 'bash',
        versionInfo: '5.2-1',
        externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:deb/debian/bash@5.2-1?arch=amd64' }],
        sourceInfo: 'built package from: bash 5.2-1',
        checksums: [{ algorithm: 'SHA1', checksumValue: '0'.repeat(40) }],
        annotations: [{ comment: 'openinspector:place {"path":"a"}' }],
      },
    ],
    relationships: [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-root' }],
  },
]
