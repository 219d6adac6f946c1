import * as sdk from '@aws-sdk/client-inspector2'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databases, type TestStore } from '../../../../test/database.ts'
import { type Served, serveInspector2 } from '../../../../test/inspector2-server.ts'
import { verifyChain } from '../../../core/audit/index.ts'

const account = '000000000012'
let store: TestStore
let served: Served
let client: sdk.Inspector2
beforeAll(async () => {
  store = await (databases[1] as (typeof databases)[number]).open()
  served = await serveInspector2(store, account)
  client = served.client('operator')
})
afterAll(async () => {
  await served.close()
  await store.close()
})

const low: sdk.FilterCriteria = {
  severity: [{ comparison: 'EQUALS', value: 'LOW' }],
  firstObservedAt: [{ endInclusive: new Date('2026-01-01T00:00:00.500Z') }],
}
const make = async (name: string, more: Partial<sdk.CreateFilterRequest> = {}): Promise<string> =>
  (await client.createFilter({ name, action: 'SUPPRESS', filterCriteria: low, ...more })).arn ?? ''
const shown = async (arn: string): Promise<sdk.Filter | undefined> => (await client.listFilters({ arns: [arn] })).filters?.[0]

it('makes, changes, lists and deletes a filter, each with its audit row', async () => {
  const arn = await make('low.ones_1-a', { description: 'd', reason: 'r', tags: { team: 'a b', 'k é': '' } })
  expect(arn).toMatch(/^arn:aws:inspector2:us-east-1:000000000012:owner\/000000000012\/filter\/[0-9a-f]{16}$/)
  const made = await shown(arn)
  expect(made).toEqual({
    arn,
    ownerId: account,
    name: 'low.ones_1-a',
    action: 'SUPPRESS',
    criteria: low,
    description: 'd',
    reason: 'r',
    tags: { team: 'a b', 'k é': '' },
    createdAt: expect.any(Date) as Date,
    updatedAt: made?.createdAt,
  })
  expect(
    await client.updateFilter({ filterArn: arn, action: 'NONE', filterCriteria: { title: [{ comparison: 'PREFIX', value: 'CVE' }] } }),
  ).toMatchObject({ arn })
  expect(await shown(arn)).toMatchObject({
    name: 'low.ones_1-a',
    action: 'NONE',
    description: 'd',
    criteria: { title: [{ comparison: 'PREFIX', value: 'CVE' }] },
  })
  expect(await client.deleteFilter({ arn })).toMatchObject({ arn })
  expect(await shown(arn)).toBeUndefined()
  const missing = [
    () => client.deleteFilter({ arn }),
    () => client.updateFilter({ filterArn: arn, name: 'abc' }),
    () => client.listTagsForResource({ resourceArn: arn }),
  ]
  for (const ask of missing) await expect(ask()).rejects.toBeInstanceOf(sdk.ResourceNotFoundException)
  const { rows } =
    await sql`select principal, action, before is null as made, after is null as gone from audit where object = ${arn} order by id`.execute(
      store.db,
    )
  expect(rows).toEqual([
    { principal: 'operator', action: 'CreateFilter', made: true, gone: false },
    { principal: 'operator', action: 'UpdateFilter', made: false, gone: false },
    { principal: 'operator', action: 'DeleteFilter', made: false, gone: true },
  ])
  expect((await verifyChain(store.db)).broken).toBeUndefined()
})

it('refuses what it cannot keep, and keeps nothing of it', async () => {
  const arn = await make('taken')
  const refusals: [string, Partial<sdk.CreateFilterRequest>, string][] = [
    ['taken', {}, 'ValidationException'],
    ['ab', {}, 'ValidationException'],
    ['with space', {}, 'ValidationException'],
    ['empty', { filterCriteria: {} }, 'ValidationException'],
    ['tagged', { tags: { 'aws:x': 'y' } }, 'BadRequestException'],
    ['tagged', { tags: { a: '<' } }, 'BadRequestException'],
    ['badly', { action: 'HIDE' as never }, 'ValidationException'],
  ]
  for (const [name, more, exception] of refusals) await expect(make(name, more)).rejects.toMatchObject({ name: exception })
  await expect(make('taken')).rejects.toMatchObject({ reason: 'FIELD_VALIDATION_FAILED', fields: [{ name: 'name' }] })
  expect((await client.listFilters({})).filters).toHaveLength(1)
  await client.deleteFilter({ arn })
})

it('lists by action and in pages', async () => {
  const arns: string[] = []
  for (let n = 0; n < 5; n++) arns.push(await make(`filter-${n}`, { action: n < 3 ? 'NONE' : 'SUPPRESS' }))
  const paged: (string | undefined)[] = []
  for await (const page of sdk.paginateListFilters({ client, pageSize: 2 }, {})) paged.push(...(page.filters ?? []).map(({ arn }) => arn))
  expect(paged).toEqual(arns)
  const { filters = [] } = await client.listFilters({ action: 'SUPPRESS' })
  expect(filters.map(({ arn }) => arn)).toEqual(arns.slice(3))
  for (const arn of arns) await client.deleteFilter({ arn })
})

it('does not show filters of another Region', async () => {
  const arn = await make('here')
  const eu = served.client('admin', { region: 'eu-west-1' })
  await eu.enable({ resourceTypes: ['ECR'] })
  expect((await eu.listFilters({})).filters).toEqual([])
  await expect(eu.deleteFilter({ arn })).rejects.toBeInstanceOf(sdk.ResourceNotFoundException)
  await expect(eu.tagResource({ resourceArn: arn, tags: { a: 'b' } })).rejects.toBeInstanceOf(sdk.ResourceNotFoundException)
  await client.deleteFilter({ arn })
})

it('tags, whatever the keys, and takes every tag off again', async () => {
  const resourceArn = await make('tagged')
  const tags = { a: '1', 'b c': 'x/y', 'd+e': '', 'é@:=': 'ü', __proto: 'p', constructor: 'c' }
  await client.tagResource({ resourceArn, tags })
  await client.tagResource({ resourceArn, tags: { a: '2' } })
  expect((await client.listTagsForResource({ resourceArn })).tags).toEqual({ ...tags, a: '2' })
  expect((await shown(resourceArn))?.tags).toEqual({ ...tags, a: '2' })
  await client.untagResource({ resourceArn, tagKeys: ['b c', 'd+e', 'é@:=', 'not there'] })
  expect((await client.listTagsForResource({ resourceArn })).tags).toEqual({ a: '2', __proto: 'p', constructor: 'c' })
  const many = Object.fromEntries(Array.from({ length: 48 }, (_, n) => [`k${n}`, 'v']))
  await expect(client.tagResource({ resourceArn, tags: many })).rejects.toMatchObject({
    name: 'BadRequestException',
    message: 'A resource has at most 50 tags.',
  })
  expect(Object.keys((await client.listTagsForResource({ resourceArn })).tags ?? {})).toHaveLength(3)
  await expect(client.untagResource({ resourceArn, tagKeys: undefined })).rejects.toMatchObject({
    message: expect.stringContaining("'tagKeys' failed") as string,
  })
})

it.each([
  'x',
  'arn:aws:inspector2:us-east-1:000000000012:owner/000000000012/filter/0',
  'a?b#c',
  '../../findings/list',
  'é%2F',
  "'; drop table tag; --",
])('has no tags for %s', async (resourceArn) => {
  await expect(client.listTagsForResource({ resourceArn })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `There is no resource ${resourceArn} that holds tags.`,
  })
})
