import { sql } from 'kysely'
import type { Db } from '../../store/connection.ts'

/** What the store holds of one feed. Times are ISO. */
export type HeldFeed = {
  /** `osv/Debian`, `kev`; `starter` for the built-in set. */
  readonly name: string
  readonly unit: string
  readonly ecosystem?: string
  readonly records: number
  readonly broken: number
  readonly loading: boolean
  /** Last time the publisher was asked, whatever came of it. */
  readonly checkedAt?: string
  readonly loadedAt?: string
  readonly publishedAt?: string
  readonly error?: string
  readonly errorAt?: string
}

type Row = {
  [K in keyof HeldFeed]-?: K extends 'checkedAt' | 'loadedAt' | 'publishedAt' | 'errorAt' ? Date | null : HeldFeed[K] | null
}

export async function heldFeeds(db: Db): Promise<readonly HeldFeed[]> {
  const { rows } = await sql<Row>`
    select f.name, f.unit, f.ecosystem, f.records, f.broken_count as broken,
      exists (select 1 from generation g where g.feed = f.name and g.state = 'staging') as loading,
      f.checked_at as "checkedAt", f.loaded_at as "loadedAt", f.published_at as "publishedAt", f.error, f.error_at as "errorAt"
    from feed f order by f.name`.execute(db)
  return rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([name, value]) =>
          value === null ? [] : [[name, value instanceof Date ? value.toISOString() : value]],
        ),
      ) as HeldFeed,
  )
}

/** OSV families (`Debian`, `npm`) that publish for something installed somewhere. */
export async function familiesInUse(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ family: string }>`
    select distinct split_part(ecosystem, ':', 1) as family from component where ecosystem is not null order by 1`.execute(db)
  return rows.map(({ family }) => family)
}
