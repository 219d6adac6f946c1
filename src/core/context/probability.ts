import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../store/connection.ts'
import { blockSize, type ProbabilityBlocks } from '../reading/index.ts'

/** A query of at most one row (score, percentile) for the vulnerability called `name`; none for what is no CVE. */
export const probabilityOf = (name: RawBuilder<string>): RawBuilder<{ score: number; percentile: number }> => sql`
  select p.scores[at.i] as score, p.percentiles[at.i] as percentile
  from (select regexp_match(${name}, '^CVE-([0-9]{4})-([0-9]{1,9})$') as id) cve
  join probability p on p.year = id[1]::smallint and p.block = id[2]::int / ${sql.lit(blockSize)}
  cross join lateral (select array_position(p.numbers, id[2]::int) as i) at
  where at.i is not null`

/** Replaces all probabilities by these. Returns the ids of the vulnerabilities that have another score now. */
export async function replaceProbabilities(trx: Db, { years, blocks, numbers, scores, percentiles }: ProbabilityBlocks): Promise<number[]> {
  await sql`delete from probability`.execute(trx)
  await sql`
    insert into probability (year, block, numbers, scores, percentiles)
    select year, block, numbers::int[], scores::real[], percentiles::real[]
    from unnest(${years}::smallint[], ${blocks}::int[], ${numbers}::text[], ${scores}::text[], ${percentiles}::text[])
      as b(year, block, numbers, scores, percentiles)`.execute(trx)
  const { rows } = await sql<{ id: number }>`
    update vulnerability v set epss = coalesce(p.score, -1), epss_percentile = coalesce(p.percentile, -1)
    from (select w.id, q.score, q.percentile from vulnerability w left join lateral (${probabilityOf(sql`w.name`)}) q on true) p
    where p.id = v.id and (v.epss, v.epss_percentile) is distinct from (coalesce(p.score, -1), coalesce(p.percentile, -1))
    returning v.id`.execute(trx)
  return rows.map(({ id }) => id)
}
