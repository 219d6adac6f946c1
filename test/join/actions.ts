import fc from 'fast-check'
import { sql } from 'kysely'
import { switchResources } from '../../src/core/findings/index.ts'
import { registerResource, removeResource } from '../../src/core/inventory/index.ts'
import type { Advisory } from '../../src/model/advisory.ts'
import type { Occurrence } from '../../src/model/component.ts'
import { lockExclusively } from '../../src/store/locks.ts'
import { account, advisory, affects, at, deb, drain, enable, host, load, npm, observe, osvFeed, region, type World } from './world.ts'

/** What may happen to an installation. Small pools, so that deltas meet. */
export type Action =
  | {
      readonly do: 'observe'
      readonly host: number
      readonly collector: string
      readonly seen: readonly number[]
      readonly unread: boolean
    }
  | { readonly do: 'remove'; readonly host: number }
  | { readonly do: 'load'; readonly feed: 'Debian' | 'npm'; readonly held: readonly { readonly of: number; readonly form: number }[] }
  | { readonly do: 'kev'; readonly held: readonly number[] }
  | { readonly do: 'epss'; readonly score: number }
  | { readonly do: 'suppress'; readonly rule: keyof typeof rules | undefined }
  | { readonly do: 'enable'; readonly on: boolean }
  | { readonly do: 'drain' }
  | { readonly do: 'wait'; readonly days: number }

const hosts = [host('a'), host('b'), host('c', { tags: { env: 'prod' } })]
const places: readonly Occurrence[] = [
  at('var/lib/dpkg/status', deb('libssl3', '3.0.9-1', 'openssl')),
  at('var/lib/dpkg/status', deb('openssl', '3.0.9-1')),
  at('var/lib/dpkg/status', deb('openssl', '3.0.11-1')),
  at('var/lib/dpkg/status', deb('zlib1g', '1:1.2.13', 'zlib')),
  at('app/package-lock.json', npm('lodash', '4.17.20')),
  at('app/package-lock.json', npm('lodash', '4.17.21')),
  at('usr/share/nodejs/lodash/package.json', npm('lodash', '4.17.20'), { extractor: 'npm/installed', ownedBy: 'node-lodash' }),
  at('app/package-lock.json', npm('odd', 'not-a-version')),
]

/** Forms a record takes in the course of time: its range, its aliases, its words. */
const records: readonly ((form: number) => Advisory)[] = [
  (form) =>
    advisory('CVE-2024-0001', {
      affected: [affects('Debian:12', 'openssl', ['3.0.10-1', '3.0.11-1', undefined][form % 3], ['low', 'medium', undefined][form % 3])],
    }),
  (form) =>
    advisory('CVE-2024-0002', {
      affected: [affects('Debian:12', 'zlib', form % 2 === 0 ? undefined : '1:1.2.11')],
      ...(form === 3 && { withdrawn: '2026-01-01T00:00:00Z' }),
    }),
  (form) =>
    advisory('DSA-1-1', {
      bundles: form % 2 === 0 ? ['CVE-2024-0001', 'CVE-2024-0009'] : [],
      affected: [affects('Debian:12', 'openssl', '3.0.11-1')],
    }),
  (form) =>
    advisory('GHSA-aaaa-aaaa-aaaa', {
      aliases: [[], ['CVE-2024-0003'], ['CVE-2024-0003', 'CVE-2024-0004'], ['PYSEC-1']][form % 4] ?? [],
      affected: [affects('npm', 'lodash', '4.17.21')],
      severities: [
        { type: 'CVSS_V3', source: 'GITHUB', vector: `CVSS:3.1/AV:N/AC:${form % 2 === 0 ? 'L' : 'H'}/PR:N/UI:N/S:U/C:H/I:H/A:H` },
      ],
    }),
  (form) =>
    advisory('GHSA-bbbb-bbbb-bbbb', {
      aliases: [[], ['CVE-2024-0003'], ['GHSA-aaaa-aaaa-aaaa'], []][form % 4] ?? [],
      affected: [affects('npm', 'lodash', form % 2 === 0 ? '4.17.22' : undefined)],
    }),
  () =>
    advisory('GHSA-cccc-cccc-cccc', {
      affected: [
        { ...affects('npm', 'odd', '1.0.0'), ranges: [{ type: 'SEMVER', events: [{ introduced: '0.1.0' }, { fixed: '1.0.0' }] }] },
      ],
    }),
]
/** Suppression rules, on each side of the join a rule may look at. */
const rules = {
  package: { vulnerablePackages: [{ name: { comparison: 'EQUALS', value: 'lodash' } }] },
  probability: { epssScore: [{ lowerInclusive: 0.5 }] },
  exploit: { exploitAvailable: [{ comparison: 'EQUALS', value: 'YES' }] },
  alias: { relatedVulnerabilities: [{ comparison: 'PREFIX', value: 'GHSA-' }] },
  score: { severity: [{ comparison: 'EQUALS', value: 'LOW' }] },
  tag: { resourceTags: [{ comparison: 'EQUALS', key: 'env', value: 'prod' }] },
} as const
const ofFeed = { Debian: [0, 1, 2], npm: [3, 4, 5] } as const

export const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('observe' as const),
      host: fc.nat(2),
      collector: fc.constantFrom('host', 'agent'),
      seen: fc.subarray(places.map((_, index) => index)),
      unread: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom('Debian' as const, 'npm' as const).chain((feed) =>
      fc.record({
        do: fc.constant('load' as const),
        feed: fc.constant(feed),
        held: fc
          .subarray([...ofFeed[feed]], { minLength: 1 })
          .chain((of) => fc.tuple(...of.map((one) => fc.record({ of: fc.constant(one), form: fc.nat(3) })))),
      }),
    ),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), host: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kev' as const), held: fc.subarray([1, 3, 4], { minLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('epss' as const), score: fc.constantFrom(0.1, 0.9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('suppress' as const),
      rule: fc.constantFrom(undefined, ...(Object.keys(rules) as (keyof typeof rules)[])),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: 'drain' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 9) }) },
)
export async function perform(world: World, step: Action): Promise<void> {
  switch (step.do) {
    case 'observe': {
      const resource = hosts[step.host] ?? host('a')
      await registerResource(world, resource)
      const gaps = step.unread ? [{ path: 'app/package-lock.json', extractor: 'npm/package-lock', reason: 'cut off' }] : []
      await observe(
        world,
        resource,
        step.seen.flatMap((index) => places[index] ?? []),
        gaps,
        step.collector,
      )
      return
    }
    case 'remove': {
      const arn = hosts[step.host]?.arn ?? ''
      const { rows } = await sql`select 1 from resource where arn = ${arn} and gone_at is null`.execute(world.store.db)
      if (rows.length > 0) await removeResource(world, arn)
      return
    }
    case 'load':
      // A feed may shrink by a fifth; here it shrinks at will, as many small steps would.
      await sql`update feed set records = 0 where name = ${`osv/${step.feed}`}`.execute(world.store.db)
      await load(
        world,
        osvFeed(step.feed),
        step.held.flatMap(({ of, form }) => records[of]?.(form) ?? []),
      ).catch(refused)
      return
    case 'kev':
      await load(
        world,
        { name: 'kev', unit: 'kev', parser: 1 },
        step.held.map((n) => ({ is: 'exploit', vulnerability: `CVE-2024-000${n}`, source: 'CISA' })),
        'exploit',
      ).catch(refused)
      return
    case 'epss':
      await load(
        world,
        { name: 'epss', unit: 'epss', parser: 1 },
        [1, 2, 3].map((n) => ({ is: 'probability', vulnerability: `CVE-2024-000${n}`, score: step.score, percentile: 0.5 })),
        'probability',
      )
      return
    case 'suppress':
      await setSuppression(world, step.rule)
      return
    case 'enable':
      await enable(world.store, step.on ? 'ENABLED' : 'DISABLED')
      await settleAll(world)
      return
    case 'drain':
      await drain(world)
      return
    case 'wait':
      world.clock = new Date(world.clock.getTime() + step.days * 86_400_000)
  }
}

/** A feed that shrank too much is refused: what was held stays, which is what the recompute sees as well. */
const refused = (thrown: unknown): void => {
  if (!(thrown instanceof Error) || !thrown.message.includes('shrank')) throw thrown
}

async function setSuppression(world: World, rule: keyof typeof rules | undefined): Promise<void> {
  await world.store.db.transaction().execute(async (trx) => {
    await lockExclusively(trx, 'policy')
    await sql`delete from filter`.execute(trx)
    if (rule !== undefined) {
      await sql`
        insert into filter (arn, account_id, region, name, action, criteria, created_at, updated_at)
        values ('arn', ${account}::bigint, ${region}, 'rule', 'SUPPRESS', ${JSON.stringify(rules[rule])}::jsonb, now(), now())`.execute(trx)
    }
    await settleAllIn(trx, world)
  })
}

export const settleAll = (world: World): Promise<void> => world.store.db.transaction().execute((trx) => settleAllIn(trx, world))
async function settleAllIn(trx: World['store']['db'], world: World): Promise<void> {
  const { rows } = await sql<{ id: number }>`select id from resource order by id`.execute(trx)
  await switchResources(trx, world, { kind: 'policy', subject: {}, resources: rows.map(({ id }) => id) })
}
