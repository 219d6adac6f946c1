import { open, readFile } from 'node:fs/promises'
import * as z from 'zod'
import type { Exploit, Knowledge } from '../../../model/advisory.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { FeedScope, FeedSnapshot, Http, KnowledgeFeed } from '../../../model/seams.ts'
import { below, fileCursor, heldMark } from '../../../kit/mirror.ts'

const publicAddress = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json'
const mostBytes = 64 * 2 ** 20

const Day = z.iso.date()
/** Catalogue and entry (CISA's known_exploited_vulnerabilities_schema.json); members we do not use are let through. */
const Catalogue = z.object({ dateReleased: z.string().optional(), count: z.number().optional(), vulnerabilities: z.array(z.unknown()) })
const Entry = z.object({
  cveID: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
  vulnerabilityName: z.string().max(1000).optional(),
  dateAdded: Day,
  dueDate: Day.optional().catch(undefined),
  requiredAction: z.string().max(4000).optional(),
  knownRansomwareCampaignUse: z.string().optional(),
})

/** CISA's catalogue of vulnerabilities that attackers are known to use. */
export const kev = {
  id: 'kev',
  version: 1,
  title: 'CISA Known Exploited Vulnerabilities',
  per: 'all',
  teaches: 'exploit',
  staleAfterHours: 72,

  async fetch({ base }: FeedScope, cursor: string | undefined, http: Http): Promise<FeedSnapshot | 'unchanged'> {
    const url = base === undefined ? publicAddress : below(base, 'cisa', 'known_exploited_vulnerabilities.json')
    const file = await http.get(url, heldMark(cursor, url))
    if (file === 'unchanged') return 'unchanged'
    if (file === 'missing')
      throw new AppError('missing', `expected the catalogue of known exploited vulnerabilities at ${url}, there is none`)
    const publishedAt = await released(file.path)
    return { is: 'full', files: [file], cursor: fileCursor(url, file), ...(publishedAt !== undefined && { publishedAt }) }
  },

  async *parse(snapshot: FeedSnapshot): AsyncGenerator<Knowledge> {
    const catalogue = await readCatalogue(snapshot)
    const seen = new Set<string>()
    for (const [index, raw] of catalogue.vulnerabilities.entries()) {
      const entry = Entry.safeParse(raw)
      if (!entry.success) yield { is: 'broken', record: `entry ${index + 1}`, reason: z.prettifyError(entry.error).slice(0, 300) }
      else if (seen.has(entry.data.cveID)) yield { is: 'broken', record: entry.data.cveID, reason: 'a second entry of this CVE' }
      else yield toExploit(entry.data)
      if (entry.success) seen.add(entry.data.cveID)
    }
  },
} satisfies KnowledgeFeed

/** The catalogue names its own date near its beginning; the time of a copied file would tell nothing. */
async function released(path: string): Promise<string | undefined> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4096), position: 0 })
    const at = Date.parse(/"dateReleased"\s*:\s*"([^"]{10,40})"/.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? '')
    return Number.isNaN(at) ? undefined : new Date(at).toISOString()
  } finally {
    await file.close()
  }
}

async function readCatalogue({ files }: FeedSnapshot): Promise<z.infer<typeof Catalogue>> {
  const [file] = files
  if (!file || file.bytes > mostBytes)
    throw new AppError('upstream', `the KEV catalogue: expected one file of at most ${mostBytes} bytes, got ${file?.bytes ?? 'none'}`)
  let content: unknown
  try {
    content = JSON.parse(await readFile(file.path, 'utf8'))
  } catch (thrown) {
    throw new AppError('upstream', `the KEV catalogue is not JSON: ${reasonOf(thrown).slice(0, 200)}`, { cause: thrown })
  }
  const catalogue = Catalogue.safeParse(content)
  if (!catalogue.success) throw new AppError('upstream', `the KEV catalogue: ${z.prettifyError(catalogue.error).slice(0, 300)}`)
  const { count, vulnerabilities } = catalogue.data
  if (vulnerabilities.length === 0) throw new AppError('upstream', 'the KEV catalogue holds no entry')
  if (count !== undefined && count !== vulnerabilities.length)
    throw new AppError('upstream', `the KEV catalogue promises ${count} entries and holds ${vulnerabilities.length}`)
  return catalogue.data
}

function toExploit(entry: z.infer<typeof Entry>): Exploit {
  return {
    is: 'exploit',
    vulnerability: entry.cveID,
    source: 'CISA_KEV',
    addedAt: entry.dateAdded,
    ...(entry.dueDate !== undefined && { dueAt: entry.dueDate }),
    ...(entry.requiredAction && { action: clean(entry.requiredAction) }),
    ...(entry.vulnerabilityName && { title: clean(entry.vulnerabilityName) }),
    ...(entry.knownRansomwareCampaignUse !== undefined && { ransomware: entry.knownRansomwareCampaignUse === 'Known' }),
  }
}

/** A database takes neither NUL nor half a character. */
function clean(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
