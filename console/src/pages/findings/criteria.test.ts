import { expect, test } from 'vitest'
import { criteriaOf, dayRange, fromInspector, fromTokens, isNarrowed, toApi, toTokens, withCriteria } from './criteria.ts'

const address = 'status=ACTIVE&severity=CRITICAL&severity=HIGH&vulnerability=CVE-2024-*&package=xz-utils&text=open'
const criteria = {
  status: ['ACTIVE'],
  severity: ['CRITICAL', 'HIGH'],
  vulnerability: ['CVE-2024-*'],
  package: ['xz-utils'],
  text: ['open'],
}

test('the address says what the list is narrowed to; doubles and empty values are left out', () => {
  expect(criteriaOf(new URLSearchParams(address))).toEqual(criteria)
  expect(criteriaOf(new URLSearchParams('severity=HIGH&severity=HIGH&fix=&sort=score&other=1'))).toEqual({ severity: ['HIGH'] })
})

test('criteria go back into the address, beside sort and order', () => {
  expect(withCriteria(new URLSearchParams('sort=score&severity=LOW'), criteria).toString()).toBe(
    'sort=score&status=ACTIVE&severity=CRITICAL&severity=HIGH&vulnerability=CVE-2024-*&package=xz-utils&text=open',
  )
})

test('the filter bar shows them: one token for known values, one a value else, prefixes by their operator', () => {
  const tokens = toTokens(criteria)
  expect(tokens).toEqual({
    operation: 'and',
    tokens: [
      { propertyKey: 'status', operator: '=', value: ['ACTIVE'] },
      { propertyKey: 'severity', operator: '=', value: ['CRITICAL', 'HIGH'] },
      { propertyKey: 'vulnerability', operator: '^', value: 'CVE-2024-' },
      { propertyKey: 'package', operator: '=', value: 'xz-utils' },
      { operator: '^', value: 'open' },
    ],
  })
  expect(fromTokens(tokens)).toEqual(criteria)
})

test('tokens of one property add up; of several texts the last one counts', () => {
  expect(
    fromTokens({
      operation: 'and',
      tokens: [
        { propertyKey: 'resource', operator: '=', value: 'web-1' },
        { propertyKey: 'resource', operator: '=', value: 'web-2' },
        { operator: '^', value: 'first' },
        { operator: '^', value: 'second' },
        { propertyKey: 'package', operator: '=', value: '  ' },
      ],
    }),
  ).toEqual({ resource: ['web-1', 'web-2'], text: ['second'] })
})

test("a day of the reader's zone becomes Inspector's criteria; what is no day asks for nothing", () => {
  const start = new Date(2026, 10, 22).toISOString()
  const end = new Date(2026, 10, 22, 23, 59, 59, 999).toISOString()
  expect(dayRange('2026-11-22')).toEqual({ startInclusive: start, endInclusive: end })
  expect(dayRange('2026-13-45')).toBeUndefined()
  expect(dayRange('yesterday')).toBeUndefined()
  expect(toApi({ severity: ['LOW'], firstObserved: ['2026-11-22'] })).toEqual({
    severity: ['LOW'],
    criteria: `{"firstObservedAt":[{"startInclusive":"${start}","endInclusive":"${end}"}]}`,
  })
  expect(toApi({ severity: ['LOW'], firstObserved: ['x'] })).toEqual({ severity: ['LOW'] })
})

const equals = (value: string) => ({ comparison: 'EQUALS', value })
const begins = (value: string) => ({ comparison: 'PREFIX', value })

test("Inspector's criteria are read in the filter bar's words as far as those say the same", () => {
  expect(
    fromInspector({
      severity: [equals('LOW'), equals('HIGH')],
      vulnerabilityId: [begins('CVE-2024-')],
      vulnerablePackages: [{ name: equals('xz') }, { name: begins('lib') }],
      fixAvailable: [equals('NO')],
      text: [begins('open')],
    }),
  ).toEqual({ severity: ['LOW', 'HIGH'], vulnerability: ['CVE-2024-*'], package: ['xz', 'lib*'], fix: ['NO'], text: ['open'] })
})

test.each<Record<string, unknown[]>>([
  { severity: [{ comparison: 'NOT_EQUALS', value: 'LOW' }] },
  { severity: [equals('SEVERE')] },
  { resourceId: [begins('web')] },
  { vulnerabilityId: [equals('CVE-1*')] },
  { vulnerablePackages: [{ name: equals('xz'), version: equals('1') }] },
  { text: [begins('a'), begins('b')] },
  { resourceTags: [{ comparison: 'EQUALS', key: 'env' }] },
  { constructor: [equals('x')] },
])('what they cannot say stays as it is: %j', (criteria) => {
  expect(fromInspector({ fixAvailable: [equals('YES')], ...criteria })).toEqual({ fix: ['YES'], criteria: [JSON.stringify(criteria)] })
})

test('JSON and a day are asked for together; what is no JSON is left to the server', () => {
  const firstObservedAt = [dayRange('2026-11-22')]
  expect(toApi({ firstObserved: ['2026-11-22'], criteria: ['{"title":[]}'], text: ['a', 'b'] })).toEqual({
    text: 'b',
    criteria: JSON.stringify({ title: [], firstObservedAt }),
  })
  expect(toApi({ firstObserved: ['2026-11-22'], criteria: ['{'] })).toEqual({ criteria: '{' })
})

test('a status alone does not narrow', () => {
  expect(isNarrowed({ status: ['CLOSED'] })).toBe(false)
  expect(isNarrowed({ status: ['ACTIVE'], fix: ['NO'] })).toBe(true)
})
