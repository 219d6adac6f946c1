import { sql, type RawBuilder } from 'kysely'
import { resourceTypeCode } from '../../store/codes.ts'
import type { ResourceType } from '../../model/resource.ts'

/** Scan type of Inspector's Enable that covers a resource type; hosts and folders count as EC2, images as ECR. */
export const scanTypeOf: Readonly<Record<ResourceType, string>> = {
  AWS_EC2_INSTANCE: 'EC2',
  OPENINSPECTOR_HOST: 'EC2',
  OPENINSPECTOR_DIRECTORY: 'EC2',
  AWS_ECR_CONTAINER_IMAGE: 'ECR',
  OPENINSPECTOR_CONTAINER_IMAGE: 'ECR',
  AWS_LAMBDA_FUNCTION: 'LAMBDA',
  CODE_REPOSITORY: 'CODE_REPOSITORY',
}

/** Is the resource `row` still there, and its type of scan on in its account and Region? */
export function coveredResource(row: RawBuilder<unknown>): RawBuilder<boolean> {
  const types = Object.entries(scanTypeOf).map(([type, scan]) => sql`when ${resourceTypeCode(type as ResourceType)} then ${scan}`)
  return sql`(${row}.gone_at is null and exists (select 1 from enablement e where e.account_id = ${row}.account_id and e.region = ${row}.region
    and e.status = 'ENABLED' and e.scan_type = case ${row}.type ${sql.join(types, sql` `)} end))`
}
