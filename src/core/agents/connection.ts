import { type RawBuilder, sql } from 'kysely'

/** Seconds between two words of an agent that has no news. */
export const everySeconds = 60
/** An agent that was not heard of for so long is disconnected: it speaks several times in this span. */
const silence = sql`interval '5 minutes'`

/** Over the alias `a`: is the agent heard of? */
export const isConnected = sql<boolean>`(a.revoked_at is null and a.seen_at >= now() - ${silence})`

const live = (arn: RawBuilder<unknown>) => sql`from agent a where a.arn = ${arn} and a.revoked_at is null`

/** The agent that speaks for the resource is silent. */
export const agentIsLost = (arn: RawBuilder<unknown>): RawBuilder<boolean> => sql`exists (select ${live(arn)} and not ${isConnected})`

/** When it was heard of last. */
export const agentSeen = (arn: RawBuilder<unknown>): RawBuilder<Date | null> => sql`(select a.seen_at ${live(arn)})`

/** Since when nobody speaks for a resource that an agent spoke for; null: one does, or none ever did. */
export const agentRevoked = (arn: RawBuilder<unknown>): RawBuilder<Date | null> =>
  sql`(select case when bool_or(a.revoked_at is null) then null else max(a.revoked_at) end from agent a where a.arn = ${arn})`
