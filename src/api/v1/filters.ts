import { z } from 'zod'
import { criteriaFromJson } from '../../core/findings/index.ts'
import { createFilter, deleteFilter, type Filter, listFilters, updateFilter } from '../../core/policy/index.ts'
import { ApiError, Arn, FilterChange, FilterInput, FilterItem, Filters } from './contract.ts'
import { callerMay, type Routes } from './deps.ts'
import { isoTimes } from './iso-times.ts'

const Page = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).optional(), after: z.string().max(4096).optional() })

/** Saved searches and suppression rules. Core audits their writes. */
export const filterRoutes: Routes = (app, { store, join, homeRegion }) => {
  const write = <T>(run: (trx: typeof store.db) => Promise<T>) => store.db.transaction().execute(run)

  app.get(
    '/filters',
    { schema: { summary: 'Filters, in the order of their making', querystring: Page, response: { 200: Filters, default: ApiError } } },
    async (request) => {
      const { items, after } = await listFilters(store.reads, callerMay(request, 'read'), request.query)
      return { items: items.map(shown), after }
    },
  )

  app.post(
    '/filters',
    { schema: { summary: 'Make a filter', body: FilterInput, response: { 201: FilterItem, default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'filters.write')
      const { criteria, ...input } = request.body
      const made = await write((trx) =>
        createFilter(trx, join, scope, { ...input, region: homeRegion, criteria: criteriaFromJson(criteria) }),
      )
      return reply.code(201).send(shown(made))
    },
  )

  app.patch(
    '/filters/:arn',
    {
      schema: {
        summary: 'Change a filter; criteria are replaced as a whole',
        params: Arn,
        body: FilterChange,
        response: { 200: FilterItem, default: ApiError },
      },
    },
    async (request) => {
      const scope = callerMay(request, 'filters.write')
      const { criteria, ...change } = request.body
      const given = { ...change, ...(criteria !== undefined && { criteria: criteriaFromJson(criteria) }) }
      const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      return shown(await write((trx) => updateFilter(trx, join, scope, request.params.arn, known)))
    },
  )

  app.delete(
    '/filters/:arn',
    { schema: { summary: 'Remove a filter', params: Arn, response: { 204: z.null(), default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'filters.write')
      await write((trx) => deleteFilter(trx, join, scope, request.params.arn))
      return reply.code(204).send(null)
    },
  )
}

function shown({ arn, name, action, criteria, createdAt, updatedAt, description, reason }: Filter): FilterItem {
  return {
    ...{ arn, name, action, criteria: isoTimes(criteria) as Record<string, unknown> },
    ...{ createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
    ...(description !== undefined && { description }),
    ...(reason !== undefined && { reason }),
  }
}
