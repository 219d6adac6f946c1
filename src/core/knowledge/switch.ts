import { sql } from 'kysely'
import type { Exploit } from '../../model/advisory.ts'
import type { Db } from '../../store/connection.ts'
import { lockExclusively } from '../../store/locks.ts'
import { replaceExploits, replaceProbabilities } from '../context/index.ts'
import { markProbable, markTouched, refreshJob } from '../findings/index.ts'
import type { ProbabilityBlocks } from '../reading/index.ts'
import type { Loading, Switching } from './load.ts'

/** Makes a staged generation the current one and marks everything it touches, in one short transaction (law 5). */
export async function switchAdvisories(deps: Loading, switching: Switching): Promise<void> {
  await inSwitch(deps, switching, async (trx) => {
    const { generation } = switching
    await markTouched(trx, {
      names: sql`select distinct unnest(names || bundles) from advisory where from_generation = ${generation} or to_generation = ${generation}`,
      packages: sql`select distinct d.ecosystem, d.name from affected d join advisory a on a.id = d.advisory_id
        where a.from_generation = ${generation} or a.to_generation = ${generation}`,
    })
  })
}

/** Replaces a catalogue of exploited vulnerabilities. */
export async function switchExploits(deps: Loading, switching: Switching, exploits: readonly Exploit[]): Promise<void> {
  await inSwitch(deps, switching, async (trx) => {
    const changed = await replaceExploits(trx, exploits)
    await markTouched(trx, { names: sql`select unnest(${changed}::text[])` })
  })
}

/** Replaces all probabilities. No finding is written where no rule looks at them: lists join them, and no score depends on a raw move. */
export async function switchProbabilities(deps: Loading, switching: Switching, probabilities: ProbabilityBlocks): Promise<void> {
  await inSwitch(deps, switching, async (trx) => markProbable(trx, await replaceProbabilities(trx, probabilities)))
}

async function inSwitch(
  { store, now }: Loading,
  { feed, snapshot, generation, counts, broken }: Switching,
  apply: (trx: Db) => Promise<void>,
): Promise<void> {
  await store.db.transaction().execute(async (trx) => {
    await lockExclusively(trx, 'knowledge')
    await apply(trx)
    const at = now()
    const { records, added, changed, gone } = counts
    const published = snapshot.publishedAt ?? null
    await sql`update generation set state = 'past' where feed = ${feed.name} and state = 'current'`.execute(trx)
    await sql`
      update generation set state = 'current', switched_at = ${at}, published_at = ${published}, records = ${records},
        added = ${added}, changed = ${changed}, gone = ${gone}, broken = ${broken.count} where id = ${generation}`.execute(trx)
    await sql`
      update feed set generation_id = ${generation}, cursor = ${snapshot.cursor}, parser = ${feed.parser}, records = ${records},
        broken = ${JSON.stringify(broken.kept)}::jsonb, broken_count = ${broken.count}, checked_at = ${at}, loaded_at = ${at},
        published_at = greatest(${published}::timestamptz, published_at), error = null, error_at = null where name = ${feed.name}`.execute(
      trx,
    )
    await sql`
      insert into delta (kind, subject, state, created_at, done_at)
      values ('knowledge', ${JSON.stringify({ feed: feed.name, generation, added, changed, gone })}::jsonb, 'done', ${at}, ${at})`.execute(
      trx,
    )
    await store.queue.enqueue(refreshJob, {}, trx)
  })
}
