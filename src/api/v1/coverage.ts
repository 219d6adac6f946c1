import type { z } from 'zod'
import {
  coverageOf,
  coverageStatistics,
  type CoverageFilterCriteria,
  type CoverageGroupKey,
  type CoveredResource,
  heldInventory,
  listCoverage,
  scannedSystems,
} from '../../core/coverage/index.ts'
import { supportOf, supportWords, systemName } from '../../core/lifecycle/index.ts'
import { summarizeFindings } from '../../core/findings/index.ts'
import type { Scope } from '../../model/scope.ts'
import {
  ApiError,
  Arn,
  type CoverageItem,
  CoveragePage,
  CoverageQuery,
  CoverageStatistics,
  CoverageStatisticsQuery,
  ResourceDetail,
  SbomDocument,
  SbomQuery,
  Summary,
} from './contract.ts'
import { callerMay, evaluating, type Routes, shownKnowledge, standing, type V1Deps } from './deps.ts'
import { isoTimes } from './iso-times.ts'

/** What is looked at, and how well. */
export const coverageRoutes: Routes = (app, deps) => {
  const { reads } = deps.store

  app.get(
    '/summary',
    { schema: { summary: 'The dashboard in one answer', response: { 200: Summary, default: ApiError } } },
    async (request) => summaryOf(callerMay(request, 'read'), deps),
  )

  app.get(
    '/coverage',
    { schema: { summary: 'One page of resources', querystring: CoverageQuery, response: { 200: CoveragePage, default: ApiError } } },
    async (request) => {
      const scope = callerMay(request, 'read')
      const { limit = 25, after } = request.query
      const criteria = criteriaOf(request.query)
      const page = await listCoverage(reads, scope, { criteria, limit, after }, await deps.knowledge())
      const total = after === undefined ? (await coverageStatistics(reads, scope, { criteria })).totalCounts : undefined
      return { items: page.items.map((item) => shown(item, deps.now())), after: page.after, total, ...(await standing(deps)) }
    },
  )

  app.get(
    '/coverage/statistics',
    {
      schema: {
        summary: 'Resources counted',
        querystring: CoverageStatisticsQuery,
        response: { 200: CoverageStatistics, default: ApiError },
      },
    },
    async (request) => {
      const scope = callerMay(request, 'read')
      const { totalCounts, countsByGroup } = await coverageStatistics(reads, scope, {
        criteria: criteriaOf(request.query),
        groupBy: groupKeys[request.query.groupBy],
      })
      return { total: totalCounts, groups: countsByGroup.map(({ groupKey, count }) => ({ group: groupKey, count })) }
    },
  )

  app.get(
    '/resources/:arn',
    { schema: { summary: 'One resource: facts, gaps, counts', params: Arn, response: { 200: ResourceDetail, default: ApiError } } },
    async (request) => {
      const report = await coverageOf(reads, callerMay(request, 'read'), request.params.arn, await deps.knowledge())
      const { facts, observations, components } = report
      return { ...shown(report, deps.now()), facts, components, observations: isoTimes(observations) }
    },
  )

  app.get(
    '/resources/:arn/sbom',
    {
      schema: {
        summary: 'What a resource holds, as a CycloneDX or SPDX document; the same inventory gives the same bytes',
        params: Arn,
        querystring: SbomQuery,
        response: {
          200: { description: 'The document', content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: SbomDocument }])) },
          default: ApiError,
        },
      },
    },
    async (request, reply) => {
      const { format } = request.query
      const subject = await heldInventory(reads, callerMay(request, 'read'), request.params.arn)
      reply.header('content-type', format.startsWith('spdx') ? SPDX : CYCLONEDX)
      return reply.send(deps.writeSbom({ ...subject, tool: deps.version }, format))
    },
  )
}

/** As IANA has them. */
const [CYCLONEDX, SPDX] = ['application/vnd.cyclonedx+json', 'application/spdx+json'] as const
const mediaTypes = [CYCLONEDX, SPDX]

const groupKeys: Readonly<Record<z.output<typeof CoverageStatisticsQuery>['groupBy'], CoverageGroupKey>> = {
  status: 'SCAN_STATUS_CODE',
  reason: 'SCAN_STATUS_REASON',
  resourceType: 'RESOURCE_TYPE',
  account: 'ACCOUNT_ID',
}

function criteriaOf(query: Pick<CoverageQuery, 'status' | 'reason' | 'resourceType' | 'resource'>): CoverageFilterCriteria {
  const equal = (values: readonly string[] | undefined) => values?.map((value) => ({ comparison: 'EQUALS' as const, value }))
  return {
    scanStatusCode: equal(query.status),
    scanStatusReason: equal(query.reason),
    resourceType: equal(query.resourceType),
    resourceId: equal(query.resource),
  }
}

function shown(resource: CoveredResource, now: Date): CoverageItem {
  const { arn, resourceId, resourceType, accountId, region, scanStatus, severityCounts, lastScannedAt, lastObservedAt, ...rest } = resource
  const { reasonDetail, why, target, os, tags, gaps, collectors, knowledge } = rest
  const support = os && supportOf(os, now.toISOString().slice(0, 10))
  const doubt = os && support && supportWords(os, support)
  return {
    ...{ arn, resourceId, resourceType, accountId, region, gaps, knowledge },
    why: doubt === undefined ? why : `${why} ${doubt}`,
    ...{ status: scanStatus.statusCode, reason: scanStatus.reason, collectors: [...collectors], tags: { ...tags }, counts: severityCounts },
    ...(reasonDetail !== undefined && { reasonDetail }),
    ...(target !== undefined && { target }),
    ...(os && { os: systemName(os) }),
    ...(support && { support }),
    ...(lastScannedAt !== undefined && { lastScannedAt: lastScannedAt.toISOString() }),
    ...(lastObservedAt !== undefined && { lastObservedAt: lastObservedAt.toISOString() }),
  }
}

async function summaryOf(scope: Scope, deps: V1Deps): Promise<Summary> {
  const { reads } = deps.store
  const today = deps.now().toISOString().slice(0, 10)
  const [findings, knowledge, pending, systems, ...statuses] = await Promise.all([
    summarizeFindings(reads, scope),
    deps.knowledge(),
    deps.pending(),
    scannedSystems(reads, scope),
    reasonsOf('ACTIVE'),
    reasonsOf('INACTIVE'),
  ])
  const { resourceTypes, topResources, ...counts } = findings
  const unsupported = systems.reduce((sum, { os, count }) => (supportOf(os, today).state === 'supported' ? sum : sum + count), 0)
  return {
    ...counts,
    resourceTypes: [...resourceTypes],
    topResources: [...topResources],
    coverage: statuses
      .flat()
      .map((row) => (unsupported > 0 && row.status === 'ACTIVE' && row.reason === 'SUCCESSFUL' ? { ...row, unsupported } : row)),
    knowledge: shownKnowledge(knowledge),
    evaluating: evaluating(pending),
  }

  async function reasonsOf(status: 'ACTIVE' | 'INACTIVE') {
    const criteria = criteriaOf({ status: [status] })
    const { countsByGroup } = await coverageStatistics(reads, scope, { criteria, groupBy: 'SCAN_STATUS_REASON' })
    return countsByGroup.map(({ groupKey: reason, count }) => ({ status, reason, count }))
  }
}
