import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { matching, whole } from '../../../test/findings-oracle.ts'
import { accounts, regions, sampleFleet, writeSampleFleet, type SampleFleet } from '../../../test/sample-fleet.ts'
import type { Scope } from '../../model/scope.ts'
import { makeEventMonths } from '../../store/months.ts'
import type { FilterCriteria, Join } from '../findings/index.ts'
import {
  applyPolicies,
  createFilter,
  deleteFilter,
  type Filter,
  filterOf,
  listFilters,
  type NewFilter,
  policyJob,
  updateFilter,
} from './index.ts'

const scopeOf = (account: string): Scope => ({
  caller: { principalId: 1, name: 'tester', role: 'admin', account },
  accounts: [account],
  regions: 'all',
})
const home = scopeOf('000000000000')
const now = new Date('2026-05-01T10:00:00.000Z')

const rules: readonly FilterCriteria[] = [
  {
    severity: [
      { comparison: 'EQUALS', value: 'LOW' },
      { comparison: 'EQUALS', value: 'HIGH' },
    ],
  },
  { vulnerablePackages: [{ name: { comparison: 'EQUALS', value: 'lodash' } }] },
  { resourceTags: [{ comparison: 'EQUALS', key: 'env', value: 'prod' }] },
  { vulnerabilityId: [{ comparison: 'PREFIX', value: 'CVE-2024-1' }] },
  { findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }], fixAvailable: [{ comparison: 'EQUALS', value: 'NO' }] },
  { firstObservedAt: [{ endInclusive: new Date('2026-01-15T00:00:00.000Z') }] },
]

describe.each(databases)('policy on $name', ({ open }) => {
  let store: TestStore
  let join: Join
  beforeAll(async () => {
    store = await open()
    await makeEventMonths(store.db, now)
    await store.queue.declare([policyJob])
    join = { store, now: () => now, schemeOf: () => undefined }
  })
  afterAll(async () => store.close())
  beforeEach(async () => emptyDatabase(store.db))

  const make = (scope: Scope, input: Omit<NewFilter, 'region' | 'action'> & Partial<NewFilter>): Promise<Filter> =>
    store.db.transaction().execute((trx) => createFilter(trx, join, scope, { region: 'us-east-1', action: 'NONE', ...input }))
  const change = (arn: string, to: Parameters<typeof updateFilter>[4]) =>
    store.db.transaction().execute((trx) => updateFilter(trx, join, home, arn, to))
  const remove = (scope: Scope, arn: string) => store.db.transaction().execute((trx) => deleteFilter(trx, join, scope, arn))
  const statuses = async (): Promise<Record<string, number>> => {
    const { rows } = await sql<{ id: string; status: number }>`select id::text as id, status from finding`.execute(store.db)
    return Object.fromEntries(rows.map(({ id, status }) => [id, status]))
  }

  it('keeps filters as they were given', async () => {
    const criteria: FilterCriteria = {
      firstObservedAt: [{ startInclusive: new Date('2026-01-01T00:00:00.123Z') }],
      severity: [{ comparison: 'EQUALS', value: 'HIGH' }],
    }
    const made = await make(home, { name: 'my-filter_1.0', criteria, description: 'why', tags: { team: 'core' } })
    expect(made).toEqual({
      arn: expect.stringMatching(/^arn:aws:inspector2:us-east-1:000000000000:owner\/000000000000\/filter\/[0-9a-f]{16}$/),
      ownerId: '000000000000',
      region: 'us-east-1',
      name: 'my-filter_1.0',
      criteria,
      action: 'NONE',
      createdAt: now,
      updatedAt: now,
      description: 'why',
      tags: { team: 'core' },
    })
    expect(await listFilters(store.db, home)).toEqual({ items: [made] })
    expect(await listFilters(store.db, home, { action: 'SUPPRESS' })).toEqual({ items: [] })
    expect(await listFilters(store.db, scopeOf('123456789012'))).toEqual({ items: [] })
    expect((await change(made.arn, { reason: 'because' })).reason).toBe('because')
    expect((await filterOf(store.db, home, made.arn)).criteria).toEqual(criteria)
    await remove(home, made.arn)
    await expect(filterOf(store.db, home, made.arn)).rejects.toThrow(`There is no filter ${made.arn}.`)
    expect((await sql`select from tag`.execute(store.db)).rows).toHaveLength(0)
    const { rows } = await sql<{ action: string }>`select action from audit order by id`.execute(store.db)
    expect(rows.map(({ action }) => action)).toEqual(['CreateFilter', 'UpdateFilter', 'DeleteFilter'])
  })

  it('pages through filters', async () => {
    const names: string[] = []
    for (let at = 0; at < 5; at++) names.push((await make(home, { name: `filter-${at}`, criteria: {} })).name)
    const first = await listFilters(store.db, home, { limit: 2 })
    const second = await listFilters(store.db, home, { limit: 2, after: first.after })
    const third = await listFilters(store.db, home, { limit: 2, after: second.after })
    expect([first, second, third].map(({ items }) => items.map(({ name }) => name))).toEqual([
      names.slice(0, 2),
      names.slice(2, 4),
      names.slice(4),
    ])
    expect(third.after).toBeUndefined()
    await expect(listFilters(store.db, home, { action: 'NONE', after: first.after })).rejects.toThrow(
      'nextToken: expected the token of the page before',
    )
  })

  it.each<[Partial<NewFilter>, string]>([
    [{ name: 'ab' }, 'name: expected 3 to 64 letters, digits, dots, underscores or dashes; got "ab"'],
    [{ name: 'a b c' }, 'name: expected 3 to 64 letters, digits, dots, underscores or dashes; got "a b c"'],
    [{ name: 'x'.repeat(65) }, 'name: expected 3 to 64'],
    [{ name: 'taken' }, 'name: the account has a filter taken in us-east-1 already'],
    [{ criteria: { nonsense: [] } as FilterCriteria }, 'filterCriteria: Unrecognized key: "nonsense"'],
    [{ action: 'SUPPRESS', criteria: {} }, 'filterCriteria: a suppression rule without criteria would hide everything'],
    [
      { action: 'SUPPRESS', criteria: { updatedAt: [{ endInclusive: now }] } },
      'filterCriteria.updatedAt: a suppression rule cannot depend on a time that moves with every look',
    ],
    [{ tags: { 'aws:x': '1' } }, 'The tag "aws:x" begins with aws:, which is reserved.'],
  ])('refuses %j', async (input, message) => {
    await make(home, { name: 'taken', criteria: {} })
    await expect(make(home, { name: 'fresh', criteria: {}, ...input })).rejects.toThrow(message)
    expect((await listFilters(store.db, home)).items.map(({ name }) => name)).toEqual(['taken'])
  })

  it('holds at most 500 suppression rules an account and Region', async () => {
    await sql`insert into filter (arn, account_id, region, name, action, criteria, created_at, updated_at)
      select 'arn:' || i, 0, 'us-east-1', 'rule-' || i, 'SUPPRESS', '{"severity":[{"comparison":"EQUALS","value":"LOW"}]}', now(), now() from generate_series(1, 500) i`.execute(
      store.db,
    )
    await expect(make(home, { name: 'one-more', action: 'SUPPRESS', criteria: rules[0] as FilterCriteria })).rejects.toThrow(
      'An account has at most 500 suppression rules in a Region.',
    )
    await make(home, { name: 'one-more', criteria: {} })
    await make(home, { name: 'one-more', region: 'eu-central-1', action: 'SUPPRESS', criteria: rules[0] as FilterCriteria })
  })

  it('suppresses what rules match and nothing else, whatever the order in which they come and go', async () => {
    const Step = fc.oneof(
      fc.record({
        is: fc.constant('create' as const),
        rule: fc.nat(rules.length - 1),
        account: fc.constantFrom(...accounts),
        region: fc.constantFrom(...regions),
      }),
      fc.record({ is: fc.constant('remove' as const), at: fc.nat() }),
      fc.record({ is: fc.constant('update' as const), at: fc.nat(), rule: fc.nat(rules.length - 1) }),
    )
    await fc.assert(
      fc.asyncProperty(sampleFleet, fc.array(Step, { minLength: 1, maxLength: 5 }), async (fleet: SampleFleet, steps) => {
        await emptyDatabase(store.db)
        await writeSampleFleet(store.db, fleet)
        const held: { arn: string; rule: FilterCriteria; account: string; region: string }[] = []
        for (const [at, step] of steps.entries()) {
          if (step.is === 'create') {
            const rule = rules[step.rule] as FilterCriteria
            const made = await make(scopeOf(step.account), { name: `rule-${at}`, action: 'SUPPRESS', region: step.region, criteria: rule })
            held.push({ arn: made.arn, rule, account: step.account, region: step.region })
          } else if (held.length > 0) {
            const one = held[step.at % held.length] as (typeof held)[number]
            if (step.is === 'remove') {
              await remove(scopeOf(one.account), one.arn)
              held.splice(held.indexOf(one), 1)
            } else {
              one.rule = rules[step.rule] as FilterCriteria
              await store.db.transaction().execute((trx) => updateFilter(trx, join, scopeOf(one.account), one.arn, { criteria: one.rule }))
            }
          }
        }
        const touched = new Set(
          (
            await sql<{ where: string }>`select distinct (subject->>'account') || ' ' || (subject->>'region') as where from delta`.execute(
              store.db,
            )
          ).rows.map(({ where }) => where),
        )
        const before = await statuses()
        const changed = await applyPolicies(join)
        const open: SampleFleet = {
          ...fleet,
          findings: fleet.findings.map((finding) => (finding.status === 2 ? { ...finding, status: 1 } : finding)),
        }
        const hidden = new Set(
          held.flatMap(({ rule, account, region }) =>
            matching(
              open,
              { ...scopeOf(account), regions: [region] },
              { ...rule, findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }] },
            ).map(({ id }) => id),
          ),
        )
        const expected = Object.fromEntries(
          fleet.findings.map((finding) => {
            const { resource } = whole(fleet, finding)
            const judged = finding.status < 3 && touched.has(`${resource.account} ${resource.region}`)
            return [finding.id, judged ? (hidden.has(finding.id) ? 2 : 1) : finding.status]
          }),
        )
        expect(await statuses()).toEqual(expected)
        const moved = Object.keys(expected).filter((id) => expected[id] !== before[id])
        expect(changed).toBeGreaterThanOrEqual(moved.length)
        const events = await sql<{
          id: string
          change: number
          status: number
        }>`select distinct on (finding_id) finding_id::text as id, change, status from finding_event order by finding_id, seq desc`.execute(
          store.db,
        )
        for (const { id, status, change: told } of events.rows) expect([status, told]).toEqual(expected[id] === 2 ? [2, 4] : [1, 5])
        expect(await drift()).toEqual([])
        expect(await applyPolicies(join)).toBe(0)
      }),
      { seed: 7, numRuns: 25 },
    )
  })

  /** Tallies that are not what counting the findings gives. */
  async function drift(): Promise<unknown[]> {
    const bands = sql.raw(
      ['untriaged', 'info', 'low', 'medium', 'high', 'critical']
        .map((name, at) => `(count(*) filter (where f.status = 1 and f.severity = ${at}))::int as ${name}`)
        .join(', '),
    )
    const { rows } = await sql`
      (select r.id, 0 as type, ${bands}, (count(*) filter (where f.status = 1 and i.fix = 2))::int as a, (count(*) filter (where f.status = 1 and i.exploit))::int as b
        from resource r left join finding f on f.resource_id = r.id left join issue i on i.id = f.issue_id group by r.id
       except select resource_id, 0, untriaged, info, low, medium, high, critical, fix, exploit from resource_tally)
      union all
      (select i.id, r.type::int, ${bands}, (count(*) filter (where f.status = 2))::int, (count(*) filter (where f.status = 3))::int
        from finding f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id group by i.id, r.type
       except select issue_id, resource_type::int, untriaged, info, low, medium, high, critical, suppressed, closed from issue_tally)`.execute(
      store.db,
    )
    return rows
  }
})
