import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import pMap from 'p-map'
import * as z from 'zod'
import { AppError } from '../../../model/errors.ts'
import type { Download, FeedScope, FeedSnapshot, Http } from '../../../model/seams.ts'
import { below, Mark, markOf, parseCursor } from '../../../kit/mirror.ts'

/** OSV's export bucket (google.github.io/osv.dev, section data dumps). */
const publicBase = 'https://osv-vulnerabilities.storage.googleapis.com'
/** From this many changed records on the archive is the cheaper way. */
const mostChanges = 2000
const mostIndexBytes = 128 * 2 ** 20
/** The archive may be older than the list of changes beside it, and a change may be listed late: what is near is read again. */
const overlapMs = { full: 6 * 3600_000, delta: 1800_000 }

const Cursor = z.object({
  folder: z.string(),
  archive: Mark,
  index: Mark.optional(),
  /** Changes up to this ISO time were read. */
  since: z.string().optional(),
})
type Cursor = z.infer<typeof Cursor>
/** A list of changes. Unusable ones (no list, or nothing like one) are `undefined`. */
type Index = { readonly mark: Mark; readonly newest: number; readonly changed: readonly string[] }

/** First the whole archive; then, where the publisher lists what changed, only that. */
export async function fetchOsv(
  { base, ecosystem }: FeedScope,
  cursor: string | undefined,
  http: Http,
): Promise<FeedSnapshot | 'unchanged'> {
  if (ecosystem === undefined) throw new AppError('invalid', 'the OSV feed is fetched for one ecosystem at a time: none was named')
  const address = (name: string) => (base === undefined ? below(publicBase, ecosystem, name) : below(base, 'osv', ecosystem, name))
  const folder = address('all.zip').slice(0, -'all.zip'.length)
  const held = heldCursor(cursor, folder)
  if (!listsChanges(folder)) return wholeArchive(folder, held, undefined, http)
  const index = await readIndex(address('modified_id.csv'), held, http)
  if (index === 'unchanged') return 'unchanged'
  if (!held?.since || !index || index.changed.length > mostChanges) return wholeArchive(folder, held, index, http)
  const files = await changedRecords(
    index.changed.map((id) => address(`${id}.json`)),
    http,
  )
  if (!files) return wholeArchive(folder, held, index, http)
  const next: Cursor = { ...held, index: index.mark, since: iso(index.newest - overlapMs.delta) }
  return { is: 'delta', files, cursor: JSON.stringify(next), publishedAt: iso(index.newest) }
}

/** A cursor of another address, or of another program's making, is none. */
function heldCursor(cursor: string | undefined, folder: string): Cursor | undefined {
  const held = Cursor.safeParse(parseCursor(cursor))
  return held.success && held.data.folder === folder ? held.data : undefined
}

/** A folder of this machine is read whole: that costs no network, and copies of lists and archives seldom are of one time. */
function listsChanges(folder: string): boolean {
  return !folder.startsWith('file:')
}

async function wholeArchive(
  folder: string,
  held: Cursor | undefined,
  index: Index | undefined,
  http: Http,
): Promise<FeedSnapshot | 'unchanged'> {
  const url = `${folder}all.zip`
  const archive = await http.get(url, held && markOf(held.archive))
  if (archive === 'unchanged') return 'unchanged'
  if (archive === 'missing') throw new AppError('missing', `expected an archive of advisories at ${url}, there is none`)
  const next: Cursor = {
    folder,
    archive: markOf(archive),
    ...(index && { index: index.mark, since: iso(index.newest - overlapMs.full) }),
  }
  // The time of a copied file tells nothing of its content.
  const published = index?.newest ?? Date.parse((listsChanges(folder) && archive.lastModified) || '')
  return {
    is: 'full',
    files: [archive],
    cursor: JSON.stringify(next),
    ...(Number.isFinite(published) && { publishedAt: iso(published) }),
  }
}

/** Lines `<ISO time>,<id>`, newest first; the order is not relied on. */
async function readIndex(url: string, held: Cursor | undefined, http: Http): Promise<Index | 'unchanged' | undefined> {
  const file = await http.get(url, held?.index && markOf(held.index))
  if (file === 'unchanged') return 'unchanged'
  if (file === 'missing') return undefined
  try {
    if (file.bytes > mostIndexBytes) return undefined
    const since = Date.parse(held?.since ?? '')
    let newest = Number.NaN
    const changed: string[] = []
    for await (const line of createInterface({ input: createReadStream(file.path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const comma = line.indexOf(',')
      const at = Date.parse(line.slice(0, Math.max(0, comma)))
      const id = line.slice(comma + 1)
      if (Number.isNaN(at) || !/^[A-Za-z0-9][A-Za-z0-9:._+-]{0,127}$/.test(id)) continue
      if (!(at <= newest)) newest = at
      if (at > since) changed.push(id)
    }
    return Number.isNaN(newest) ? undefined : { mark: markOf(file), newest, changed }
  } finally {
    await file.dispose()
  }
}

/** undefined: a listed record is not there, so the list cannot be followed. */
async function changedRecords(urls: readonly string[], http: Http): Promise<readonly Download[] | undefined> {
  const files: Download[] = []
  try {
    await pMap(
      urls,
      async (url) => {
        const file = await http.get(url)
        if (file === 'missing' || file === 'unchanged') throw new Missing()
        files.push(file)
      },
      { concurrency: 8 },
    )
    return files
  } catch (thrown) {
    await Promise.all(files.map((file) => file.dispose()))
    if (thrown instanceof Missing) return undefined
    throw thrown
  }
}

class Missing extends Error {}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
