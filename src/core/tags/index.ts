import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'

export type Tags = Readonly<Record<string, string>>

/** As on AWS: letters, digits, spaces and `_.:/=+-@`; names that begin with `aws:` are its own. */
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
const mostTags = 50

/** Throws AppError `invalid` (the API's BadRequestException) when a tag is not allowed. */
export function checkTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '' || !allowed.test(key) || !allowed.test(value))
      throw badTag(`The tag ${JSON.stringify(key)} may hold letters, digits, spaces and _.:/=+-@ only.`)
    if (/^aws:/i.test(key)) throw badTag(`The tag ${JSON.stringify(key)} begins with aws:, which is reserved.`)
  }
}

/** Adds or replaces tags. Throws AppError `missing` for an ARN that holds no tags here, `invalid` past 50 tags. */
export async function addTags(trx: Db, scope: Scope, arn: string, tags: Tags): Promise<void> {
  checkTags(tags)
  await checkTaggable(trx, scope, arn, true)
  const entries = Object.entries(tags).map(([key, value]) => ({ key, value }))
  await sql`insert into tag (arn, key, value)
    select ${arn}, key, value from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as t(key text, value text)
    on conflict (arn, key) do update set value = excluded.value`.execute(trx)
  const { rows } = await sql<{ tags: number }>`select count(*)::int as tags from tag where arn = ${arn}`.execute(trx)
  if ((rows[0]?.tags ?? 0) > mostTags) throw badTag(`A resource has at most ${mostTags} tags.`)
}

/** Removes tags; keys it does not have are no error. */
export async function removeTags(trx: Db, scope: Scope, arn: string, keys: readonly string[]): Promise<void> {
  await checkTaggable(trx, scope, arn, true)
  await sql`delete from tag where arn = ${arn} and key = any(${keys}::text[])`.execute(trx)
}

export async function tagsOf(db: Db, scope: Scope, arn: string): Promise<Tags> {
  await checkTaggable(db, scope, arn, false)
  const { rows } = await sql<{
    key: string
    value: string
  }>`select key, value from tag where arn = ${arn} order by key collate "C"`.execute(db)
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

/** Filters are what can be tagged now. Two writers of one resource's tags wait for each other. */
async function checkTaggable(db: Db, { accounts, regions }: Scope, arn: string, lock: boolean): Promise<void> {
  const { rows } = await sql`
    select from filter where arn = ${arn}
      and ${accounts === 'all' ? sql`true` : sql`account_id = any(${accounts}::bigint[])`}
      and ${regions === 'all' ? sql`true` : sql`region = any(${regions}::text[])`}
    ${lock ? sql`for update` : sql``}`.execute(db)
  if (rows.length === 0) throw new AppError('missing', `There is no resource ${arn} that holds tags.`, { details: { resourceId: arn } })
}

const badTag = (message: string): AppError => new AppError('invalid', message, { details: { exception: 'BadRequestException' } })
