import { sql } from 'kysely'
import type { Exploit } from '../../model/advisory.ts'
import type { Db } from '../../store/connection.ts'
import { probabilityOf } from '../context/index.ts'
import { type CisaData, cisaDataOf } from './details.ts'
import type { VulnerabilityFacts } from './present.ts'
import type { Cvss } from './present-types.ts'
import { describeWeaknesses } from './vulnerabilities.ts'

type Vector = { readonly baseScore: number; readonly scoringVector: string }
/** Inspector's Vulnerability: what the feeds held say of one id, whether or not anything has it. */
export type VulnerabilityRecord = {
  readonly id: string
  readonly source: string
  readonly description?: string
  readonly sourceUrl?: string
  readonly vendorSeverity?: string
  readonly vendorCreatedAt?: Date
  readonly vendorUpdatedAt?: Date
  readonly cwes: readonly string[]
  readonly referenceUrls: readonly string[]
  readonly relatedVulnerabilities: readonly string[]
  /** OSV ecosystems in which something is listed as affected; of none, nothing here can detect it. */
  readonly detectionPlatforms: readonly string[]
  readonly cvss2?: Vector
  readonly cvss3?: Vector
  readonly cvss4?: Vector
  readonly epss?: { readonly score: number }
  readonly cisaData?: CisaData
}

const listed = 100

/**
 * The record of a vulnerability by its id or an alias, from the advisories held now; undefined when none names it.
 * Knowledge belongs to no account, so this takes no scope.
 */
export async function searchVulnerability(db: Db, id: string): Promise<VulnerabilityRecord | undefined> {
  const { rows } = await sql<{ known: boolean; platforms: string[]; score: number | null; exploits: Exploit[] | null }>`
    with named as materialized (
      select id from visible_advisory where not withdrawn and id in (select advisory_id from advisory_name where name = ${id}::text))
    select exists (select from named) as known,
      array(select ecosystem from (select distinct ecosystem from affected where advisory_id in (select id from named)) e order by ecosystem collate "C" limit ${listed}) as platforms,
      (select score from (${probabilityOf(sql`${id}::text`)}) p) as score,
      (select jsonb_agg(doc order by source) from exploit where vulnerability = ${id}) as exploits`.execute(db)
  const { known = false, platforms = [], score = null, exploits = null } = rows[0] ?? {}
  if (!known && exploits === null) return undefined
  const described = (await describeWeaknesses(db, [{ name: id, names: [id] }])).get(id)
  const facts = (described?.facts ?? {}) as VulnerabilityFacts
  const vector = (wanted: (version: string) => boolean) => vectorOf(facts.chosen, facts.cvss, wanted)
  const [cvss2, cvss3, cvss4] = [vector((v) => v.startsWith('2')), vector((v) => v.startsWith('3')), vector((v) => v.startsWith('4'))]
  const exploit = exploits?.[0]
  const description = facts.description || facts.title || exploit?.title
  return {
    id,
    source: described?.source ?? exploit?.source ?? 'UNKNOWN',
    ...(description !== undefined && { description }),
    ...(facts.sourceUrl !== undefined && { sourceUrl: facts.sourceUrl }),
    ...(described?.vendorSeverity !== undefined && { vendorSeverity: described.vendorSeverity }),
    ...(facts.vendorCreatedAt !== undefined && { vendorCreatedAt: new Date(facts.vendorCreatedAt) }),
    ...(facts.vendorUpdatedAt !== undefined && { vendorUpdatedAt: new Date(facts.vendorUpdatedAt) }),
    cwes: facts.cwes ?? [],
    referenceUrls: (facts.referenceUrls ?? []).slice(0, listed),
    relatedVulnerabilities: (facts.related ?? []).slice(0, listed),
    detectionPlatforms: platforms,
    ...(cvss2 !== undefined && { cvss2 }),
    ...(cvss3 !== undefined && { cvss3 }),
    ...(cvss4 !== undefined && { cvss4 }),
    ...(score !== null && { epss: { score } }),
    ...(exploit !== undefined && { cisaData: cisaDataOf(exploit) }),
  }
}

function vectorOf(chosen: Cvss | undefined, all: readonly Cvss[] | undefined, wanted: (version: string) => boolean): Vector | undefined {
  const found = chosen !== undefined && wanted(chosen.version) ? chosen : all?.find(({ version }) => wanted(version))
  return found && { baseScore: found.baseScore, scoringVector: found.scoringVector }
}
