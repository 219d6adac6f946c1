import { AppError } from '../../../model/errors.ts'
import type { FeedScope, FeedSnapshot, Http } from '../../../model/seams.ts'
import { below, fileCursor, heldMark } from '../../../kit/mirror.ts'
import { scoreDate } from './scores.ts'

const publicAddress = 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz'
const dated = /^epss_scores-\d{4}-\d\d-\d\d\.csv\.gz$/

/** A mirror keeps a file a day, and the newest counts; where it does not list them, its `current` one. */
export async function fetchEpss({ base }: FeedScope, cursor: string | undefined, http: Http): Promise<FeedSnapshot | 'unchanged'> {
  const url = base === undefined ? publicAddress : await newest(base, http)
  const file = await http.get(url, heldMark(cursor, url))
  if (file === 'unchanged') return 'unchanged'
  if (file === 'missing') throw new AppError('missing', `expected EPSS scores at ${url}, there are none`)
  try {
    const publishedAt = await scoreDate(file.path)
    return {
      is: 'full',
      files: [file],
      cursor: fileCursor(url, file),
      ...(publishedAt !== undefined && { publishedAt }),
    }
  } catch (thrown) {
    await file.dispose()
    throw thrown
  }
}

async function newest(base: string, http: Http): Promise<string> {
  const names = (await http.list(below(base, 'epss'))).filter((name) => dated.test(name))
  return below(base, 'epss', names.at(-1) ?? 'epss_scores-current.csv.gz')
}
