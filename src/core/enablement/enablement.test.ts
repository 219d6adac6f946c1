import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import type { Scope } from '../../model/scope.ts'
import { type Join, settleJob } from '../findings/index.ts'
import { createFilter, listFilters, policyJob } from '../policy/index.ts'
import { enabledIn, enabledScanTypes, enableHome, type EnablementChange, switchScanTypes } from './index.ts'

const at = new Date('2026-03-01T10:00:00Z')
const [account, region] = ['000000000012', 'us-east-1'] as const
const scope: Scope = { caller: { principalId: 1, name: 'ann', role: 'admin', account }, accounts: [account], regions: [region] }

describe.each(databases)('enablement on $name', ({ open }) => {
  let store: TestStore
  let join: Join
  beforeAll(async () => {
    store = await open()
    await store.queue.declare([settleJob, policyJob])
    join = { store, now: () => at, schemeOf: () => undefined }
  })
  afterAll(() => store.close())
  beforeEach(() => emptyDatabase(store.db))

  const turn = (to: EnablementChange['to'], types: EnablementChange['types']) =>
    store.db.transaction().execute((trx) => switchScanTypes(trx, join, scope, { region, types, to }))
  const count = async (table: 'audit' | 'delta') =>
    (await sql<{ rows: number }>`select count(*)::int as rows from ${sql.table(table)}`.execute(store.db)).rows[0]?.rows

  it('starts with what we have scanners for, once', async () => {
    expect(await enabledIn(store.db, account, region)).toBe(false)
    await enableHome(store.db, account, region, at)
    expect(await enabledScanTypes(store.db, account, region)).toEqual(['EC2', 'ECR'])
    await turn('DISABLED', ['EC2', 'ECR'])
    await enableHome(store.db, account, region, at)
    expect(await enabledIn(store.db, account, region)).toBe(false)
    expect(await enabledIn(store.db, account, 'eu-west-1')).toBe(false)
  })

  it('tells the resources of the account in the Region, and only of a real change', async () => {
    await sql`insert into resource (account_id, arn, resource_id, type, region, status, reason, created_at) values
      (12, 'a', 'a', 6, ${region}, 1, '', ${at}), (12, 'b', 'b', 6, 'eu-west-1', 1, '', ${at}), (13, 'c', 'c', 6, ${region}, 1, '', ${at})`.execute(
      store.db,
    )
    expect(await turn('ENABLED', ['EC2'])).toEqual(['EC2'])
    expect(await turn('ENABLED', ['EC2'])).toEqual(['EC2'])
    expect(await turn('DISABLED', ['LAMBDA'])).toEqual(['EC2'])
    expect(await count('audit')).toBe(1)
    const { rows } = await sql`select kind, subject, state, cursor from delta`.execute(store.db)
    expect(rows).toEqual([{ kind: 'policy.enablement', subject: { account, region }, state: 'switched', cursor: { resources: [1] } }])
    expect(await turn('DISABLED', ['EC2', 'ECR'])).toEqual([])
    expect(await count('delta')).toBe(2)
  })

  it('takes the filters of the Region along with the last scan type', async () => {
    await turn('ENABLED', ['EC2', 'ECR'])
    const filter = (name: string, action: 'NONE' | 'SUPPRESS', where: string) =>
      store.db
        .transaction()
        .execute((trx) =>
          createFilter(
            trx,
            join,
            { ...scope, regions: 'all' },
            { region: where, name, action, criteria: { severity: [{ comparison: 'EQUALS', value: 'LOW' }] } },
          ),
        )
    await filter('rule', 'SUPPRESS', region)
    await filter('search', 'NONE', region)
    await filter('elsewhere', 'NONE', 'eu-west-1')
    const names = async () => (await listFilters(store.db, { ...scope, regions: 'all' })).items.map(({ name }) => name)
    await turn('DISABLED', ['ECR'])
    expect(await names()).toEqual(['rule', 'search', 'elsewhere'])
    await turn('DISABLED', ['EC2'])
    expect(await names()).toEqual(['elsewhere'])
  })

  it('keeps every change of many at once', async () => {
    await Promise.all([turn('ENABLED', ['EC2']), turn('ENABLED', ['ECR']), turn('ENABLED', ['EC2', 'ECR'])])
    expect(await enabledScanTypes(store.db, account, region)).toEqual(['EC2', 'ECR'])
    expect(await count('audit')).toBeLessThanOrEqual(2)
  })
})
