import { createHash } from 'node:crypto'
import {
  bytesSource,
  inside,
  openZip,
  type Unpacked,
  type Zip,
  type ZipEntry,
  type ZipLimits,
  type ZipSource,
} from '../../../formats/zip.ts'
import { INSIDE } from '../../../kit/paths.ts'
import type { Gap, Occurrence } from '../../../model/component.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extracted, Extractor, ScanFile } from '../../../model/seams.ts'
import { javaComponent, type Coordinates } from './component.ts'
import { identify } from './identity.ts'
import { readManifest, type Manifest } from './manifest-file.ts'
import { readPomProperties } from './pom-properties.ts'
import { coordinatesOfPom } from './pom-coordinates.ts'

const ID = 'java/archive'

/** All of them zip archives: of Java itself, Java EE, JBoss, Karaf, Android, Jenkins, Liferay, NiFi. */
const ARCHIVE = /\.(?:jar|war|ear|par|sar|rar|kar|aar|jpi|hpi|lpkg|nar)$/i
/** Extensions others use too: only what is a zip archive is ours. */
const SHARED = /\.(?:par|sar|rar|kar|aar|nar)$/i
const MANIFEST = /^META-INF\/MANIFEST\.MF$/i
const RECORD = /(?:^|\/)META-INF\/maven\/([^/]+)\/([^/]+)\/pom\.(properties|xml)$/
const CODE = /\.(?:class|dex|so|dll|dylib|jnilib)$/
/** Archives of source text and of documents hold nothing that runs. */
const DOCUMENTS = /-(?:sources|javadoc)\.jar$/i

/** Archives inside one another, and how many one file may hold in all. */
const DEEPEST = 8
const MOST_ARCHIVES = 10_000
const MANIFEST_BYTES = 1 << 20
/** Of one record of Maven, and of all in one file: the largest project file we know of has 150 kB. */
const RECORD_BYTES = 1 << 18
const RECORDS_BYTES = 1 << 25
/** What is larger is read in parts: most of an archive is of no concern here. */
const HELD_BYTES = 2 ** 20
const zipBounds: ZipLimits = { entries: 1_000_000, entryBytes: 128 * 2 ** 20, totalBytes: 2 ** 30, ratio: 250 }

/** Java archives, nested to any depth: Maven's record, the manifest, the file's name. */
export const archive = {
  id: ID,
  version: 1,
  title: 'Java archives',
  alone: true,
  wants: ({ path }) => ARCHIVE.test(path),
  async read(file) {
    if (SHARED.test(file.path) && !isZip(await file.range(0, 2))) return { occurrences: [], gaps: [] }
    const reading: Reading = { occurrences: [], gaps: [], unpacked: { bytes: 0 }, archives: 0, records: 0 }
    const lies = file.size > HELD_BYTES ? inParts(file) : inMemory(await file.bytes())
    await readArchive(lies, file.path, 0, reading)
    return { occurrences: reading.occurrences, gaps: reading.gaps }
  },
} satisfies Extractor

const isZip = (start: Uint8Array) => start[0] === 0x50 && start[1] === 0x4b

/** An archive, and its digest for those who ask. */
type Lies = { readonly source: ZipSource; sha1(): Promise<string | undefined> }

const digestOf = (bytes: Uint8Array) => `sha1:${createHash('sha1').update(bytes).digest('hex')}`

function inMemory(bytes: Uint8Array): Lies {
  return { source: bytesSource(bytes), sha1: () => Promise.resolve(digestOf(bytes)) }
}

/** Only the directory is read, and what is asked for of the rest. */
function inParts(file: ScanFile): Lies {
  const read = async (at: number, length: number) => {
    inside(at, length, file.size)
    const part = await file.range(at, length)
    if (part.length !== length) throw new Error('became shorter while it was read')
    return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  }
  const sha1 = () => file.bytes().then(digestOf, () => undefined)
  return { source: { size: file.size, read }, sha1 }
}

type Reading = { readonly occurrences: Occurrence[]; readonly gaps: Gap[]; readonly unpacked: Unpacked; archives: number; records: number }

async function readArchive(lies: Lies, path: string, depth: number, reading: Reading): Promise<void> {
  const tell = (reason: string, at = path) => reading.gaps.push({ path: at, extractor: ID, reason })
  if (depth > DEEPEST) return void tell(`archives inside one another more than ${DEEPEST} deep: not read`)
  if (++reading.archives > MOST_ARCHIVES) return void tell(`more than ${MOST_ARCHIVES} archives in one file: not read`)
  let zip: Zip
  try {
    zip = await openZip(lies.source, zipBounds, reading.unpacked)
  } catch (thrown) {
    return void tell(`expected a Java archive: ${reasonOf(thrown)}`)
  }
  const content = contentOf(zip, tell)
  const read = async (entry: ZipEntry): Promise<Buffer | undefined> => {
    try {
      return await zip.read(entry)
    } catch (thrown) {
      tell(reasonOf(thrown), placeIn(path, entry))
      return undefined
    }
  }
  await identifyArchive(content, lies, path, read, reading)
  for (const entry of content.nested) {
    const inner = await read(entry)
    if (inner !== undefined) await readArchive(inMemory(inner), placeIn(path, entry), depth + 1, reading)
  }
}

const placeIn = (path: string, { path: within }: ZipEntry) => `${path}${INSIDE}${within}`

type Content = {
  readonly nested: readonly ZipEntry[]
  readonly manifest?: ZipEntry
  /** Maven's records by folder, the properties where there are some, otherwise the project file. */
  readonly records: readonly ZipEntry[]
  readonly runs: boolean
  holds(folder: string): boolean
}

function contentOf(zip: Zip, tell: (reason: string) => void): Content {
  const nested: ZipEntry[] = []
  const records = new Map<string, ZipEntry>()
  let manifest: ZipEntry | undefined
  let runs = false
  try {
    for (const entry of zip.entries()) {
      const { name, path } = entry
      if (CODE.test(name)) runs = true
      else if (ARCHIVE.test(name)) {
        if (path === undefined) tell(`its entry ${JSON.stringify(name.slice(0, 200))} leads out of the archive: not read`)
        // Android puts the classes of a library into one of these
        else if (!entry.isFolder && path !== 'classes.jar' && !DOCUMENTS.test(path)) nested.push(entry)
      } else if (path !== undefined && MANIFEST.test(path)) manifest = entry
      else if (path?.includes('META-INF/maven/')) {
        const [, group, artifact, kind] = RECORD.exec(path) ?? []
        const folder = `${group}/${artifact}`
        if (kind === 'properties' || (kind === 'xml' && !records.has(folder))) records.set(folder, entry)
      }
    }
  } catch (thrown) {
    tell(`its directory: ${reasonOf(thrown)}`)
  }
  return {
    nested,
    records: [...records.values()],
    runs,
    holds: (folder) => holdsFolder(zip, folder),
    ...(manifest && { manifest }),
  }
}

function holdsFolder(zip: Zip, folder: string): boolean {
  try {
    for (const { name } of zip.entries()) if (name.startsWith(folder) && name.length > folder.length) return true
  } catch {
    // the damage was told when the archive was listed
  }
  return false
}

async function identifyArchive(
  { manifest, records, runs, nested, holds }: Content,
  { sha1 }: Lies,
  path: string,
  read: (entry: ZipEntry) => Promise<Buffer | undefined>,
  reading: Reading,
): Promise<void> {
  if (!runs && DOCUMENTS.test(path)) return
  const poms: Coordinates[] = []
  for (const record of records) {
    const tell = (reason: string) => reading.gaps.push({ path: placeIn(path, record), extractor: ID, reason })
    if (record.size > RECORD_BYTES) tell(`${record.size} bytes, at most ${RECORD_BYTES} of one record of Maven are read`)
    else if (reading.records + record.size > RECORDS_BYTES)
      tell(`more than ${RECORDS_BYTES} bytes of records of Maven in one file: not read`)
    else {
      reading.records += record.size
      const text = (await read(record))?.toString('utf8')
      const pom = text === undefined ? undefined : await coordinatesOf(record, text)
      if (pom !== undefined) poms.push(pom)
      else if (text !== undefined) tell('expected group, artifact and version of a Maven project')
    }
  }
  const { own, bundled } = await identify({
    path,
    poms,
    holds,
    async manifest(): Promise<Manifest> {
      if (manifest === undefined || manifest.size > MANIFEST_BYTES) return new Map()
      return readManifest((await read(manifest))?.toString('utf8') ?? '')
    },
  })
  // an archive that its group does not name may still be named by its digest
  if (own !== undefined) reading.occurrences.push(...occurrence(own, path, own.group === undefined ? await sha1() : undefined))
  for (const one of bundled) reading.occurrences.push(...occurrence(one, path))
  // what only carries others needs no name of its own
  if (own === undefined && bundled.length === 0 && nested.length === 0 && runs) {
    const digest = await sha1()
    const reason = `a Java archive that tells neither name nor version of what it is${digest === undefined ? '' : ` (${digest})`}`
    reading.gaps.push({ path, extractor: ID, reason })
  }
}

const coordinatesOf = async ({ name }: ZipEntry, text: string): Promise<Coordinates | undefined> =>
  name.endsWith('.properties') ? readPomProperties(text) : coordinatesOfPom(text)

function occurrence(coordinates: Coordinates, path: string, sha1?: string): readonly Occurrence[] {
  const component = javaComponent(coordinates)
  return component === undefined ? [] : [{ component, at: { path }, extractor: ID, ...(sha1 !== undefined && { hashes: [sha1] }) }]
}

/** A record of Maven that lies unpacked: classes of an application server, a jar somebody took apart. */
export const unpacked = {
  id: 'java/unpacked',
  version: 1,
  title: 'Unpacked Java archives',
  names: ['pom.properties'],
  wants: ({ path }) => path.endsWith('/pom.properties') && RECORD.test(path),
  async read(file): Promise<Extracted> {
    const coordinates = readPomProperties(await file.text())
    const component = coordinates && javaComponent(coordinates)
    if (component !== undefined) return { occurrences: [{ component, at: { path: file.path }, extractor: this.id }], gaps: [] }
    return {
      occurrences: [],
      gaps: [{ path: file.path, extractor: this.id, reason: 'expected group, artifact and version of a Maven project' }],
    }
  },
} satisfies Extractor
