import { readFile } from 'node:fs/promises'
import type { Knowledge } from '../../../model/advisory.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { FeedSnapshot } from '../../../model/seams.ts'
import { readOsv } from '../../../formats/osv.ts'
import { readZip } from '../../../formats/zip-file.ts'
import { zipLimits } from '../../../formats/zip.ts'

/** Records of a snapshot: of the one archive of a full one, or of a delta's single files. One in memory at a time. */
export async function* parseOsv(snapshot: FeedSnapshot): AsyncGenerator<Knowledge> {
  const seen = new Set<string>()
  for await (const { name, bytes } of snapshot.is === 'full' ? archived(snapshot) : single(snapshot)) {
    const id = name.replace(/\.json$/, '')
    const record = readRecord(bytes, id)
    const known = record.is === 'broken' ? record.record : record.id
    if (seen.has(known)) yield { is: 'broken', record: known, reason: `a second record of this id, in ${name}` }
    else yield record
    seen.add(known)
  }
  if (seen.size === 0 && snapshot.is === 'full') throw new AppError('upstream', 'the archive of advisories holds no record')
}

const brace = '{'.charCodeAt(0)
type File = { readonly name: string; readonly bytes: Uint8Array }

async function* archived({ files }: FeedSnapshot): AsyncGenerator<File> {
  for (const { path } of files) for await (const entry of readZip(path)) if (entry.name.endsWith('.json')) yield entry
}

async function* single({ files }: FeedSnapshot): AsyncGenerator<File> {
  for (const { path, bytes } of files) {
    if (bytes > zipLimits.entryBytes)
      throw new AppError('upstream', `a changed record of ${bytes} bytes, at most ${zipLimits.entryBytes} are read`)
    const content = await readFile(path)
    // One file is one answer of a server: a web page in its place means that nothing of the delta can be believed.
    if (content.at(0) !== brace) throw new AppError('upstream', 'a changed record is not JSON')
    yield { name: 'a changed record', bytes: content }
  }
}

function readRecord(bytes: Uint8Array, id: string): ReturnType<typeof readOsv> {
  try {
    return readOsv(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')), id)
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
    return { is: 'broken', record: id, reason: `not JSON: ${reasonOf(thrown).slice(0, 200)}` }
  }
}
