import * as z from 'zod'
import { criteriaFromJson, criteriaSentence, type FilterCriteria } from '../../core/findings/index.ts'
import {
  checkFilter,
  createFilter,
  deleteFilter,
  type Filter,
  hiddenBy,
  listFilters,
  reachOfRule,
  updateFilter,
} from '../../core/policy/index.ts'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import {
  ApiError,
  Arn,
  FilterChange,
  FilterInput,
  FilterItem,
  FilterPreview,
  FilterPreviewInput,
  Filters,
  FiltersQuery,
} from './contract.ts'
import { callerMay, type Routes } from './deps.ts'
import { criteriaOf } from './findings-query.ts'
import { isoTimes } from './iso-times.ts'

/** Saved searches and suppression rules. Core audits their writes. */
export const filterRoutes: Routes = (app, { store, join, homeRegion }) => {
  const write = <T>(run: (trx: typeof store.db) => Promise<T>) => store.db.transaction().execute(run)

  app.get(
    '/filters',
    {
      schema: {
        summary: 'Filters, in the order of their making',
        querystring: FiltersQuery,
        response: { 200: Filters, default: ApiError },
      },
    },
    async (request) => {
      const scope = callerMay(request, 'read')
      const page = await listFilters(store.reads, scope, { limit: 25, ...request.query })
      const items: FilterItem[] = []
      // One after the other: many counts at once would hold up everybody else.
      for (const filter of page.items) items.push(await shown(scope, filter, store.reads))
      return { items, after: page.after }
    },
  )

  app.post(
    '/filters/preview',
    {
      schema: {
        summary: 'What a suppression rule would hide; makes nothing',
        body: FilterPreviewInput,
        response: { 200: FilterPreview, default: ApiError },
      },
    },
    async (request) => {
      const scope = callerMay(request, 'read')
      const { criteria: given, query } = request.body
      if ((given === undefined) === (query === undefined))
        throw new AppError('invalid', 'Expected criteria or query, and one of them only.')
      const asked = query === undefined ? criteriaFromJson(given) : criteriaOf(query)
      const criteria = checkFilter({ name: 'preview', action: 'SUPPRESS', criteria: asked })
      const reach = await reachOfRule(store.reads, scope, { ownerId: scope.caller.account, region: homeRegion, criteria })
      return { criteria: written(criteria), sentence: criteriaSentence(criteria), ...reach }
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
      return reply.code(201).send(await shown(scope, made, store.db))
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
      return shown(scope, await write((trx) => updateFilter(trx, join, scope, request.params.arn, known)), store.db)
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

  /** After a write `store.db`: what is stored is answered, however long its count takes. */
  async function shown(scope: Scope, filter: Filter, db: typeof store.db): Promise<FilterItem> {
    const { arn, name, action, region, criteria, createdAt, updatedAt, description, reason } = filter
    const hides = action === 'SUPPRESS' ? await hiddenBy(db, scope, filter) : undefined
    return {
      ...{ arn, name, action, region, criteria: written(criteria), sentence: criteriaSentence(criteria) },
      ...{ createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
      ...(hides !== undefined && { hides }),
      ...(description !== undefined && { description }),
      ...(reason !== undefined && { reason }),
    }
  }
}

const written = (criteria: FilterCriteria) => isoTimes(criteria) as Record<string, unknown>
