import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { Knowledge } from '../../../model/advisory.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { FeedSnapshot } from '../../../model/seams.ts'

const mostBytes = 512 * 2 ** 20
const longestLine = 1000
/** There are some 300,000 CVEs; a load holds all scores in memory. */
const mostScores = 2_000_000
const columns = 'cve,epss,percentile'

/** `#model_version:...,score_date:...`, then `cve,epss,percentile`, then one line for each CVE (first.org/epss/data_stats). */
export async function* parseEpss({ files }: FeedSnapshot): AsyncGenerator<Knowledge> {
  const [file] = files
  if (!file) throw new AppError('upstream', 'EPSS scores: expected one file, got none')
  let scores = 0
  let headed = false
  for await (const lines of linesOf(file.path)) {
    for (const line of lines) {
      if (line === '' || (!headed && line.startsWith('#'))) continue
      if (!headed) {
        if (line !== columns)
          throw new AppError('upstream', `EPSS scores: expected the columns ${columns}, got ${JSON.stringify(line.slice(0, 100))}`)
        headed = true
        continue
      }
      if (++scores > mostScores) throw new AppError('upstream', `EPSS scores: more than ${mostScores} lines, so many CVEs there are not`)
      yield scoreOf(line)
    }
  }
  if (scores === 0) throw new AppError('upstream', 'the EPSS file holds no score')
}

/** The day of the scores as ISO time, from the file's comment line; undefined when it has none. */
export async function scoreDate(path: string): Promise<string | undefined> {
  for await (const [first] of linesOf(path)) {
    if (first === undefined) continue
    const at = Date.parse(/^#.*\bscore_date:([^,\s]+)/.exec(first)?.[1]?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') ?? '')
    return Number.isNaN(at) ? undefined : new Date(at).toISOString()
  }
  return undefined
}

function scoreOf(line: string): Knowledge {
  const first = line.indexOf(',')
  const second = line.indexOf(',', first + 1)
  const vulnerability = line.slice(0, first)
  const score = Number(line.slice(first + 1, second))
  const percentile = Number(line.slice(second + 1))
  const sound = second > 0 && /^CVE-\d{4}-\d{4,}$/.test(vulnerability) && isShare(score) && isShare(percentile)
  return sound
    ? { is: 'probability', vulnerability, score, percentile }
    : {
        is: 'broken',
        record: vulnerability.slice(0, 100),
        reason: `expected a CVE and two numbers from 0 to 1, got ${JSON.stringify(line.slice(0, 100))}`,
      }
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}

/** Lines in the lots that unpacking brings; one at a time would cost more than reading them. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const source = createReadStream(path)
  const text = source.pipe(createGunzip({ chunkSize: 1 << 18 }))
  source.on('error', (thrown) => text.destroy(thrown))
  let rest = ''
  let bytes = 0
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > mostBytes) throw new AppError('upstream', `EPSS scores unpack to more than ${mostBytes} bytes`)
      const lines = (rest + chunk.toString('latin1')).split(/\r?\n/)
      rest = lines.pop() ?? ''
      if (rest.length > longestLine) throw new AppError('upstream', `EPSS scores: a line of more than ${longestLine} characters`)
      yield lines
    }
    yield [rest]
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    throw new AppError('upstream', `EPSS scores: expected a whole gzip file: ${reasonOf(thrown)}`, { cause: thrown })
  } finally {
    source.destroy()
  }
}
