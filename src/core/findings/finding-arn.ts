import { sql } from 'kysely'

/** Partition of a Region, as its ARNs begin (`aws`, `aws-cn`, `aws-us-gov`). */
export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'

/** `arn:aws:inspector2:<region>:<account>:finding/<32 hex>`; `id` with or without hyphens. */
export const findingArnOf = (region: string, account: string, id: string): string =>
  `arn:${partitionOf(region)}:inspector2:${region}:${account}:finding/${id.replaceAll('-', '')}`

/** The parts of a finding's ARN; undefined when it is none. */
export function parseFindingArn(arn: string): { readonly region: string; readonly account: string; readonly id: string } | undefined {
  const [, region, account, id] = /^arn:aws[a-z-]*:inspector2:([a-z0-9-]{1,32}):(\d{12}):finding\/([0-9a-f]{32})$/.exec(arn) ?? []
  return region === undefined || account === undefined || id === undefined ? undefined : { region, account, id }
}

/** The same text made by the database, over the aliases `f` and `r`. */
export const findingArnText = sql<string>`('arn:' || case when r.region like 'cn-%' then 'aws-cn' when r.region like 'us-gov-%' then 'aws-us-gov' else 'aws' end
  || ':inspector2:' || r.region || ':' || lpad(r.account_id::text, 12, '0') || ':finding/' || replace(f.id::text, '-', ''))`
