import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import type { Db } from '../../store/connection.ts'

/** Sort keys of the last row of a page, as the database writes them. */
export type PageKey = readonly string[]

/** What a token belongs to: the question, its order and who may see what. Any JSON. */
export type Question = { readonly list: string; readonly scope: Scope; readonly [more: string]: unknown }

/** A token that leads on after `key`, good for this question only. */
export async function pageToken(db: Db, question: Question, key: PageKey): Promise<string> {
  const body = Buffer.from(JSON.stringify(key)).toString('base64url')
  return `${body}.${await signature(db, question, body)}`
}

/** The key a token holds. Throws AppError `invalid` for a token of another question, or one we never made. */
export async function keyOfToken(db: Db, question: Question, token: string): Promise<PageKey> {
  const [body = '', given = '', more] = token.split('.')
  const expected = Buffer.from(await signature(db, question, body))
  const actual = Buffer.from(given)
  if (more !== undefined || expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new AppError('invalid', 'nextToken: expected the token of the page before, with the same criteria, order and caller', {
      details: { field: 'nextToken' },
    })
  }
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as PageKey
}

async function signature(db: Db, { scope, ...question }: Question, body: string): Promise<string> {
  const asked = JSON.stringify([question, scope.accounts, scope.regions])
  return createHmac('sha256', await pageSecret(db))
    .update(`${body}\n${asked}`)
    .digest('base64url')
}

/** Made once for the installation, so that every process reads the tokens of every other. */
async function pageSecret(db: Db): Promise<string> {
  const read = async () => (await sql<{ value: string }>`select value from setting where name = 'page-secret'`.execute(db)).rows[0]?.value
  const held = await read()
  if (held !== undefined) return held
  await sql`insert into setting (name, value) values ('page-secret', to_jsonb(${randomBytes(32).toString('base64url')}::text)) on conflict do nothing`.execute(
    db,
  )
  return (await read()) ?? ''
}
