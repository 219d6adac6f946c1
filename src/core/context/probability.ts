import { type RawBuilder, sql } from 'kysely'
import type { Probability } from '../../model/advisory.ts'
import type { Db } from '../../store/connection.ts'

/** EPSS has a score for most CVE numbers, so a block of this many lies in one row, as arrays. */
const blockSize = 1_000

/** A query of at most one row (score, percentile) for the vulnerability called `name`; none for what is no CVE. */
export const probabilityOf = (name: RawBuilder<string>): RawBuilder<{ score: number; percentile: number }> => sql`
  select p.scores[at.i] as score, p.percentiles[at.i] as percentile
  from (select regexp_match(${name}, '^CVE-([0-9]{4})-([0-9]{1,9})$') as id) cve
  join probability p on p.year = id[1]::smallint and p.block = id[2]::int / ${sql.lit(blockSize)}
  cross join lateral (select array_position(p.numbers, id[2]::int) as i) at
  where at.i is not null`

/**
 * Replaces all probabilities by these; what is no CVE is left out. Returns the ids of the vulnerabilities that have another
 * score now.
 */
export async function replaceProbabilities(trx: Db, probabilities: Iterable<Probability>): Promise<number[]> {
  const blocks = blocksOf(probabilities)
  const column = (read: (block: Block) => unknown): readonly unknown[] => blocks.map(read)
  const arrays = (read: (block: Block) => readonly number[]): readonly string[] => blocks.map((block) => `{${read(block).join(',')}}`)
  await sql`delete from probability`.execute(trx)
  // Arrays as text: the engine reads them several times faster than JSON.
  await sql`
    insert into probability (year, block, numbers, scores, percentiles)
    select year, block, numbers::int[], scores::real[], percentiles::real[]
    from unnest(${column(({ year }) => year)}::smallint[], ${column(({ block }) => block)}::int[], ${arrays(({ numbers }) => numbers)}::text[],
      ${arrays(({ scores }) => scores)}::text[], ${arrays(({ percentiles }) => percentiles)}::text[]) as b(year, block, numbers, scores, percentiles)`.execute(
    trx,
  )
  const { rows } = await sql<{ id: number }>`
    update vulnerability v set epss = coalesce(p.score, -1), epss_percentile = coalesce(p.percentile, -1)
    from (select w.id, q.score, q.percentile from vulnerability w left join lateral (${probabilityOf(sql`w.name`)}) q on true) p
    where p.id = v.id and (v.epss, v.epss_percentile) is distinct from (coalesce(p.score, -1), coalesce(p.percentile, -1))
    returning v.id`.execute(trx)
  return rows.map(({ id }) => id)
}

type Block = {
  readonly year: number
  readonly block: number
  readonly numbers: number[]
  readonly scores: number[]
  readonly percentiles: number[]
}

function blocksOf(probabilities: Iterable<Probability>): Block[] {
  const blocks = new Map<string, Block>()
  for (const { vulnerability, score, percentile } of probabilities) {
    const [, year, digits] = /^CVE-(\d{4})-(\d{1,9})$/.exec(vulnerability) ?? []
    if (year === undefined || digits === undefined) continue
    const number = Number(digits)
    const block = Math.floor(number / blockSize)
    const key = `${year}/${block}`
    const held = blocks.get(key) ?? { year: Number(year), block, numbers: [], scores: [], percentiles: [] }
    blocks.set(key, held)
    held.numbers.push(number)
    held.scores.push(score)
    held.percentiles.push(percentile)
  }
  return [...blocks.values()]
}
