import { sql } from 'kysely'
import type { Exploit } from '../../model/advisory.ts'
import { findingStatus } from '../../model/finding.ts'
import type { Scope } from '../../model/scope.ts'
import { scoreInTenths } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { allOf } from './criteria-terms.ts'
import { type CisaData, cisaDataOf } from './details.ts'
import { parseFindingArn } from './finding-arn.ts'
import { resourcesOf } from './page-look.ts'
import type { VulnerabilityFacts } from './present.ts'

/** Inspector's FindingDetail: what is known about the weakness beside the finding itself. */
export type FindingDetail = {
  readonly findingArn: string
  readonly cisaData?: CisaData
  /** The finding's score in tenths: 0 to 100; absent where no vector could be scored. */
  readonly riskScore?: number
  readonly evidences: readonly { readonly evidenceRule: string; readonly evidenceDetail: string; readonly severity: string }[]
  readonly referenceUrls: readonly string[]
  readonly cwes: readonly string[]
  readonly epssScore?: number
}
export type FindingDetailsError = {
  readonly findingArn: string
  readonly errorCode: 'FINDING_DETAILS_NOT_FOUND' | 'ACCESS_DENIED' | 'INVALID_INPUT'
  readonly errorMessage: string
}

/** Details of at most 10 findings by ARN; each ARN gives a detail or an error, in the order asked. */
export async function batchFindingDetails(
  db: Db,
  scope: Scope,
  findingArns: readonly string[],
): Promise<{ readonly findingDetails: readonly FindingDetail[]; readonly errors: readonly FindingDetailsError[] }> {
  const asked = [...new Set(findingArns)].map((arn) => ({ arn, parts: parseFindingArn(arn) }))
  const known = asked.flatMap(({ arn, parts }) => (parts === undefined ? [] : [{ arn, ...parts }]))
  type Row = {
    arn: string
    score: number
    severity: number
    source: string
    vendor_severity: string | null
    epss: number
    facts: VulnerabilityFacts
    exploits: Exploit[] | null
    rules: { rule: string; detail: string }[] | null
  }
  const { rows } = await sql<Row>`
    select k.arn, f.score, f.severity, v.source, v.vendor_severity, v.epss, v.facts,
      (select jsonb_agg(e.doc order by e.source) from exploit e where e.vulnerability = v.name
        or e.vulnerability in (select name from vulnerability_name where vulnerability_id = v.id)) as exploits,
      (select jsonb_agg(distinct jsonb_build_object('rule', concat_ws(' ', e->>'source', e->>'id'), 'detail', concat_ws(' ', p->>'purl', e->'why')))
        from jsonb_array_elements(i.packages) p join match m on m.component_id = (p->>'componentId')::int and m.vulnerability_id = i.vulnerability_id
        cross join lateral jsonb_array_elements(m.evidence) e) as rules
    from jsonb_to_recordset(${JSON.stringify(known)}::jsonb) as k(arn text, account bigint, id uuid, region text)
    join finding f on f.account_id = k.account and f.id = k.id and f.status <> ${findingStatus.MERGED}
    join resource r on r.id = f.resource_id and r.region = k.region
    join issue i on i.id = f.issue_id join vulnerability v on v.id = i.vulnerability_id
    where ${allOf(resourcesOf(scope))}`.execute(db)
  const byArn = new Map(rows.map((row) => [row.arn, row]))
  const findingDetails: FindingDetail[] = []
  const errors: FindingDetailsError[] = []
  for (const { arn, parts } of asked) {
    const row = byArn.get(arn)
    if (row !== undefined) findingDetails.push(detailOf(arn, row))
    else errors.push(errorOf(scope, arn, parts))
  }
  return { findingDetails, errors }

  function detailOf(findingArn: string, row: Row): FindingDetail {
    const exploit = row.exploits?.[0]
    const riskScore = scoreInTenths(row)
    return {
      findingArn,
      ...(exploit !== undefined && { cisaData: cisaDataOf(exploit) }),
      ...(riskScore !== undefined && { riskScore }),
      evidences: (row.rules ?? []).map(({ rule, detail }) => ({
        evidenceRule: rule,
        evidenceDetail: detail,
        severity: row.vendor_severity ?? 'NONE',
      })),
      referenceUrls: row.facts.referenceUrls ?? [],
      cwes: row.facts.cwes ?? [],
      ...(row.epss >= 0 && { epssScore: row.epss }),
    }
  }
}

function errorOf(scope: Scope, findingArn: string, parts: ReturnType<typeof parseFindingArn>): FindingDetailsError {
  if (parts === undefined) return { findingArn, errorCode: 'INVALID_INPUT', errorMessage: 'This is no ARN of a finding.' }
  if (scope.accounts !== 'all' && !scope.accounts.includes(parts.account))
    return { findingArn, errorCode: 'ACCESS_DENIED', errorMessage: `The account ${parts.account} is not yours to see.` }
  return { findingArn, errorCode: 'FINDING_DETAILS_NOT_FOUND', errorMessage: 'There is no such finding.' }
}
