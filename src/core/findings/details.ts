import { sql } from 'kysely'
import type { Exploit, Proof } from '../../model/advisory.ts'
import { AppError } from '../../model/errors.ts'
import { type FindingStatus, type FixState, type SeverityBand, findingStatus, fixState } from '../../model/finding.ts'
import type { Scope } from '../../model/scope.ts'
import { changeCode, scoreInTenths, severityOfCode, verdictCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { allOf } from './criteria-terms.ts'
import { resourcesOf } from './page-look.ts'
import { keyOfToken, pageToken } from './page-token.ts'
import { nameOf, presentFindings } from './present.ts'
import type { Finding } from './present-types.ts'

/** One advisory's word on one component of a finding. */
export type EvidenceMatch = {
  /** Package URL. */
  readonly component: string
  readonly version: string
  readonly verdict: 'affected' | 'undecided'
  readonly advisory: string
  readonly source: string
  /** `osv/Debian`; absent when the advisory is no longer published. */
  readonly feed?: string
  /** The range, or the listed version, that holds the component's version. */
  readonly why?: Proof
  readonly fixedIn?: string
  readonly because?: string
}
export type EvidenceLocation = {
  readonly component: string
  readonly path: string
  readonly layer?: string
  readonly extractor: string
  readonly ownedBy?: string
}
export type FindingEvidence = { readonly matches: readonly EvidenceMatch[]; readonly locations: readonly EvidenceLocation[] }

export type FindingEvent = {
  readonly at: Date
  readonly change: keyof typeof changeCode
  readonly status: FindingStatus
  readonly severity: SeverityBand
  readonly score?: number
  readonly fixAvailable: FixState
}

/** One finding with its evidence, by the 32 hex digits of its ARN (hyphens are allowed). Throws AppError `missing`. */
export async function findingWithEvidence(db: Db, scope: Scope, id: string): Promise<Finding & { readonly evidence: FindingEvidence }> {
  const { account } = await locate(db, scope, id)
  const keys = sql`select resource_id, issue_id, n, n as k1 from finding where account_id = ${account}::bigint and id = ${id}::uuid`
  const [shown] = await presentFindings(db, keys, 1, false)
  if (shown === undefined) throw missing(id)
  return { ...shown.finding, evidence: await evidenceOf(db, account, id) }
}

/** What happened to a finding, newest first. Events outlive the finding. Throws AppError `missing`. */
export async function findingHistory(
  db: Db,
  scope: Scope,
  id: string,
  { limit = 100, after }: { readonly limit?: number | undefined; readonly after?: string | undefined } = {},
): Promise<{ readonly items: readonly FindingEvent[]; readonly after?: string }> {
  const { account } = await locate(db, scope, id)
  const question = { list: 'history', scope, id: id.replaceAll('-', '') }
  const last = after === undefined ? undefined : await keyOfToken(db, question, after)
  const { rows } = await sql<{ key: string[]; at: Date; change: number; status: number; severity: number; score: number; fix: number }>`
    select at, change, status, severity, score, fix, array[at::text, seq::text] as key from finding_event
    where finding_id = ${id}::uuid and account_id = ${account}::bigint
      and ${last === undefined ? sql`true` : sql`(at, seq) < (${last[0]}::timestamptz, ${last[1]}::bigint)`}
    order by at desc, seq desc limit ${limit + 1}`.execute(db)
  const items = rows.slice(0, limit)
  const key = rows.length > limit ? items.at(-1)?.key : undefined
  return {
    items: items.map(({ at, change, status, severity, score, fix }) => {
      const tenths = scoreInTenths({ severity, score })
      return {
        at,
        change: nameOf(changeCode, change),
        status: nameOf(findingStatus, status),
        severity: severityOfCode(severity),
        ...(tenths !== undefined && { score: tenths / 10 }),
        fixAvailable: nameOf(fixState, fix),
      }
    }),
    ...(key !== undefined && { after: await pageToken(db, question, key) }),
  }
}

/** Catalogue entry of a vulnerability known to be exploited, as Inspector's CisaData. */
export type CisaData = { readonly dateAdded?: Date; readonly dateDue?: Date; readonly action?: string }
export const cisaDataOf = (exploit: Exploit): CisaData => ({
  ...(exploit.addedAt !== undefined && { dateAdded: new Date(exploit.addedAt) }),
  ...(exploit.dueAt !== undefined && { dateDue: new Date(exploit.dueAt) }),
  ...(exploit.action !== undefined && { action: exploit.action }),
})

async function evidenceOf(db: Db, account: string, id: string): Promise<FindingEvidence> {
  type Evidence = { id: string; source: string; why?: Proof; because?: string; fixedIn?: string }
  const { rows } = await sql<{
    purl: string
    version: string
    verdict: number | null
    evidence: Evidence[] | null
    feeds: Record<string, string> | null
    places: Omit<EvidenceLocation, 'component'>[] | null
  }>`
    select p->>'purl' as purl, p->>'version' as version, m.verdict, m.evidence,
      (select jsonb_object_agg(a.source || ' ' || a.name, a.feed) from jsonb_array_elements(m.evidence) e
        join advisory_name n on n.name = e->>'id' and not n.bundled join visible_advisory a on a.id = n.advisory_id and a.name = e->>'id' and a.source = e->>'source') as feeds,
      (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('path', o.path, 'layer', o.layer, 'extractor', o.extractor, 'ownedBy', o.owned_by)) order by o.path collate "C", o.layer)
        from occurrence o where o.inventory_id = r.inventory_id and o.component_id = (p->>'componentId')::int) as places
    from finding f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id
    cross join lateral jsonb_array_elements(i.packages) with ordinality as e(p, place)
    left join match m on m.component_id = (p->>'componentId')::int and m.vulnerability_id = i.vulnerability_id
    where f.account_id = ${account}::bigint and f.id = ${id}::uuid order by e.place`.execute(db)
  return {
    matches: rows.flatMap(({ purl, version, verdict, evidence, feeds }) =>
      (evidence ?? []).map(({ id: advisory, source, why, because, fixedIn }) => {
        const feed = feeds?.[`${source} ${advisory}`]
        return {
          component: purl,
          version,
          verdict: verdict === verdictCode.affected ? ('affected' as const) : ('undecided' as const),
          advisory,
          source,
          ...(feed !== undefined && { feed }),
          ...(why !== undefined && { why }),
          ...(fixedIn !== undefined && { fixedIn }),
          ...(because !== undefined && { because }),
        }
      }),
    ),
    locations: rows.flatMap(({ purl, places }) => (places ?? []).map((place) => ({ component: purl, ...place }))),
  }
}

/** The account of a finding the caller may see: findings are found by account and id. */
async function locate(db: Db, scope: Scope, id: string): Promise<{ readonly account: string }> {
  if (!/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/.test(id)) throw missing(id)
  const { rows } = await sql<{ account: string }>`
    select f.account_id as account from (select distinct r.account_id from resource r where ${allOf(resourcesOf(scope))}) a
    join finding f on f.account_id = a.account_id and f.id = ${id}::uuid and f.status <> ${findingStatus.MERGED}
    join resource r on r.id = f.resource_id where ${allOf(resourcesOf(scope))}`.execute(db)
  const [found] = rows
  if (found === undefined) throw missing(id)
  return found
}

const missing = (id: string) => new AppError('missing', `There is no finding ${id}.`, { details: { id } })
