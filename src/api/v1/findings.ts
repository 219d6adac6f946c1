import * as z from 'zod'
import { countFindings, findingHistory, findingWithEvidence, pageOfFindings, type Finding as Found } from '../../core/findings/index.ts'
import { ApiError, type Finding, FindingDetail, FindingHistory, FindingsPage, FindingsQuery } from './contract.ts'
import { callerMay, type Routes, standing } from './deps.ts'
import { criteriaOf, sortOf } from './findings-query.ts'
import { isoTimes } from './iso-times.ts'

const Id = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits, the last part of a finding ARN') })
const Page = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).optional(), after: z.string().max(4096).optional() })

export const findingRoutes: Routes = (app, deps) => {
  const { reads } = deps.store

  app.get(
    '/findings',
    { schema: { summary: 'One page of findings', querystring: FindingsQuery, response: { 200: FindingsPage, default: ApiError } } },
    async (request) => {
      const scope = callerMay(request, 'read')
      const { query } = request
      const criteria = criteriaOf(query)
      const page = await pageOfFindings(reads, scope, { criteria, sort: sortOf(query), limit: query.limit ?? 25, after: query.after })
      // Counted once, with the first page: the next ones are of the same list.
      const total = query.after === undefined ? await countFindings(reads, scope, criteria) : undefined
      return { items: page.items.map(wire), after: page.after, total, ...(await standing(deps)) }
    },
  )

  app.get(
    '/findings/:id',
    { schema: { summary: 'One finding and what it rests on', params: Id, response: { 200: FindingDetail, default: ApiError } } },
    async (request) => {
      const { evidence, ...finding } = await findingWithEvidence(reads, callerMay(request, 'read'), request.params.id)
      const matches = evidence.matches.map(({ why, ...match }) => ({
        ...match,
        ...(why !== undefined && { range: 'range' in why ? why.range : { versions: [why.version] } }),
      }))
      return { ...wire(finding), evidence: { matches, locations: [...evidence.locations] } }
    },
  )

  app.get(
    '/findings/:id/history',
    {
      schema: {
        summary: 'What happened to a finding, newest first',
        params: Id,
        querystring: Page,
        response: { 200: FindingHistory, default: ApiError },
      },
    },
    async (request) => isoTimes(await findingHistory(reads, callerMay(request, 'read'), request.params.id, request.query)),
  )
}

const wire = (finding: Found): Finding => isoTimes(finding) as Finding
