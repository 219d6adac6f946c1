import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sharedPath } from '../../../test/shared.ts'
import { inputs, shapes } from './limits.generated.ts'
import { checked } from './limits.ts'

const problemsOf = (shape: string, value: unknown): string[] => checked(shape, value).problems.map(({ path, says }) => `${path}: ${says}`)

it.each<[string, string, unknown, string[]]>([
  [
    'nothing wrong',
    'ListFindingsRequest',
    { maxResults: 100, filterCriteria: { severity: [{ comparison: 'EQUALS', value: 'HIGH' }] } },
    [],
  ],
  ['a number too big', 'ListFindingsRequest', { maxResults: 101 }, ['maxResults: Member must have value less than or equal to 100']],
  ['a number too small', 'ListFindingsRequest', { maxResults: 0 }, ['maxResults: Member must have value greater than or equal to 1']],
  ['a fraction', 'ListFindingsRequest', { maxResults: 1.5 }, ['maxResults: expected an integer, got a number']],
  ['a text for a number', 'ListFindingsRequest', { maxResults: '1' }, ['maxResults: expected an integer, got a string']],
  ['a list for an object', 'ListFindingsRequest', { filterCriteria: [] }, ['filterCriteria: expected an object, got a list']],
  [
    'an object for a list',
    'ListFindingsRequest',
    { filterCriteria: { severity: {} } },
    ['filterCriteria.severity: expected a list, got an object'],
  ],
  [
    'an unknown word',
    'ListFindingsRequest',
    { sortCriteria: { field: 'COLOUR', sortOrder: 'DESC' } },
    [`sortCriteria.field: Member must satisfy enum value set: [${shapes['SortField']?.values?.join(', ')}]`],
  ],
  [
    'a word that every object has',
    'CreateFilterRequest',
    { action: 'constructor', name: 'abc', filterCriteria: {} },
    ['action: Member must satisfy enum value set: [NONE, SUPPRESS]'],
  ],
  ['a missing member', 'ListFindingsRequest', { sortCriteria: { sortOrder: 'ASC' } }, ['sortCriteria.field: Member must not be null']],
  [
    'null, which is missing',
    'ListFindingsRequest',
    { sortCriteria: { field: null, sortOrder: 'ASC' } },
    ['sortCriteria.field: Member must not be null'],
  ],
  [
    'a missing member deep in a list',
    'ListFindingsRequest',
    { filterCriteria: { severity: [{ comparison: 'EQUALS', value: 'HIGH' }, { value: '' }] } },
    [
      'filterCriteria.severity.2.member.comparison: Member must not be null',
      'filterCriteria.severity.2.member.value: Member must have length greater than or equal to 1',
    ],
  ],
  [
    'an empty list',
    'ListFindingsRequest',
    { filterCriteria: { severity: [] } },
    ['filterCriteria.severity: Member must have length greater than or equal to 1'],
  ],
  [
    'a list too long, its rest unread',
    'BatchGetFindingDetailsRequest',
    { findingArns: [...Array<string>(10).fill(`arn:aws:inspector2:us-east-1:000000000000:finding/${'a'.repeat(32)}`), 'x'] },
    ['findingArns: Member must have length less than or equal to 10'],
  ],
  ['a text too long', 'DeleteFilterRequest', { arn: 'x'.repeat(129) }, ['arn: Member must have length less than or equal to 128']],
  ['characters, not code units', 'DeleteFilterRequest', { arn: '😀'.repeat(128) }, []],
  [
    'a pattern, matched as a whole',
    'GetMemberRequest',
    { accountId: '123456789012\n' },
    ['accountId: Member must have length less than or equal to 12', 'accountId: Member must satisfy regular expression pattern: \\d{12}'],
  ],
  ['a NUL', 'ListFiltersRequest', { nextToken: 'a\0b' }, ['nextToken: Member must be a valid Unicode text without the character U+0000']],
  [
    'half a character',
    'ListFiltersRequest',
    { nextToken: '\ud83d' },
    ['nextToken: Member must be a valid Unicode text without the character U+0000'],
  ],
  [
    'a union of none',
    'ListFindingAggregationsRequest',
    { aggregationType: 'TITLE', aggregationRequest: {} },
    ['aggregationRequest: Member must have exactly one of its members set'],
  ],
  [
    'a union of two',
    'ListFindingAggregationsRequest',
    { aggregationType: 'TITLE', aggregationRequest: { titleAggregation: {}, packageAggregation: {} } },
    ['aggregationRequest: Member must have exactly one of its members set'],
  ],
  [
    'a time as text',
    'ListFindingsRequest',
    { filterCriteria: { updatedAt: [{ startInclusive: '2026-01-01T00:00:00Z' }] } },
    ['filterCriteria.updatedAt.1.member.startInclusive: expected a time in epoch seconds, got a string'],
  ],
  [
    'a time out of reach',
    'ListFindingsRequest',
    { filterCriteria: { updatedAt: [{ startInclusive: 1e15 }] } },
    ['filterCriteria.updatedAt.1.member.startInclusive: Member must be a time of the years 1 to 9999'],
  ],
  [
    'a number too big for JSON',
    'ListFindingsRequest',
    { filterCriteria: { inspectorScore: [{ lowerInclusive: Number.POSITIVE_INFINITY }] } },
    ['filterCriteria.inspectorScore.1.member.lowerInclusive: expected a number, got a number'],
  ],
  [
    "a map's value of the wrong type",
    'TagResourceRequest',
    { resourceArn: 'a', tags: { k: 1 } },
    ['tags.k.member: expected a string, got a number'],
  ],
  [
    "a map's key and value too long",
    'TagResourceRequest',
    { resourceArn: 'a', tags: { ['k'.repeat(129)]: 'v'.repeat(257) } },
    [
      'tags.key: Member must have length less than or equal to 128',
      `tags.${'k'.repeat(128)}.member: Member must have length less than or equal to 256`,
    ],
  ],
  ['an ending that only the start matches', 'UntagResourceRequest', { resourceArn: 'a', tagKeys: ['a b', 'é'] }, []],
])('finds %s', (_title, shape, value, problems) => {
  expect(problemsOf(shape, value)).toEqual(problems)
})

it('keeps what it knows and nothing else, whatever the names', () => {
  const hostile = JSON.parse(
    '{"maxResults":5,"nextToken":null,"unknown":{"a":1},"__proto__":{"filterCriteria":1},"__type":"x","constructor":1}',
  ) as unknown
  const { value, problems } = checked('ListFindingsRequest', hostile)
  expect(problems).toEqual([])
  expect(value).toEqual({ maxResults: 5 })
  expect((value as { filterCriteria?: unknown }).filterCriteria).toBeUndefined()
  const tags = checked('TagResourceRequest', JSON.parse('{"resourceArn":"a","tags":{"__proto__":"v","toString":"w","n":null}}')).value
  expect(Object.entries((tags as { tags: object }).tags)).toEqual([
    ['__proto__', 'v'],
    ['toString', 'w'],
  ])
})

it('stops at so many problems', () => {
  const arns = { arns: Array<number>(100_000).fill(1) }
  expect(problemsOf('ListFiltersRequest', arns)).toHaveLength(25)
})

const model = sharedPath('inspector/model/inspector2-service-2.json')
it.skipIf(model === undefined)('agrees with the published API model (needs the shared folder)', () => {
  type ModelShape = {
    type: string
    min?: number
    max?: number
    pattern?: string
    enum?: string[]
    required?: string[]
    members?: Record<string, { shape: string }>
  }
  const { shapes: published, operations } = JSON.parse(readFileSync(model ?? '', 'utf8')) as {
    shapes: Record<string, ModelShape>
    operations: Record<string, { input?: { shape: string } }>
  }
  expect(inputs).toEqual(
    Object.fromEntries(Object.entries(operations).flatMap(([name, { input }]) => (input === undefined ? [] : [[name, input.shape]]))),
  )
  expect(Object.keys(shapes)).toHaveLength(407)
  for (const [name, { min, max, pattern, values, required = [], members = {} }] of Object.entries(shapes)) {
    const theirs = published[name]
    expect({ name, min, max, pattern, values, required, members: Object.keys(members) }).toEqual({
      name,
      min: theirs?.min,
      max: theirs?.max,
      pattern: theirs?.pattern,
      values: theirs?.enum,
      required: theirs?.required ?? [],
      members: Object.keys(theirs?.members ?? {}),
    })
  }
})
