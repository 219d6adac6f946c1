import type { Advisory, Knowledge } from '../../src/model/advisory.ts'
import type { Component, Gap, Occurrence } from '../../src/model/component.ts'
import type { Resource } from '../../src/model/resource.ts'
import { fanOut, refreshStale, settleSwitched } from '../../src/core/findings/index.ts'
import { recordObservation, type Recording } from '../../src/core/inventory/index.ts'
import { type FeedIdentity, loadFeed, type LoadResult } from '../../src/core/knowledge/index.ts'
import { type Reading, readRecords } from '../../src/core/reading/index.ts'
import { fanoutJob, refreshJob, settleJob } from '../../src/core/findings/index.ts'
import { ecosystems } from '../../src/plugins/ecosystems/index.ts'
import { schemes } from '../../src/plugins/schemes/index.ts'
import type { Store } from '../../src/store/connection.ts'
import { sql } from 'kysely'

export type World = Recording & { readonly store: Store; clock: Date }

export const account = '000000000000'
export const region = 'us-east-1'
export const families = new Set(ecosystems.flatMap((unit) => unit.families))

/** What the app wires: the registers behind a store, with a clock the test moves. */
export async function openWorld(store: Store): Promise<World> {
  await store.queue.declare([refreshJob, fanoutJob, settleJob])
  await enable(store)
  const world: World = {
    store,
    clock: new Date('2026-11-22T12:00:00Z'),
    now: () => new Date(world.clock),
    keyOf: (component: Component) => ecosystems.find((unit) => unit.purlTypes.includes(component.type))?.advisoryKey(component),
    schemeOf: (ecosystem: string) => {
      const family = ecosystem.split(':', 1)[0] ?? ecosystem
      const unit = ecosystems.find((one) => one.families.includes(family))
      return schemes.find(({ id }) => id === unit?.scheme)
    },
    extractors: 'test/1',
  }
  return world
}

export async function enable(store: Store, status = 'ENABLED'): Promise<void> {
  for (const scan of ['EC2', 'ECR']) {
    await sql`
      insert into enablement (account_id, region, scan_type, status, updated_at) values (${account}::bigint, ${region}, ${scan}, ${status}, now())
      on conflict (account_id, region, scan_type) do update set status = excluded.status`.execute(store.db)
  }
}

/** Does all work that is left, as workers would. */
export async function drain(world: World): Promise<void> {
  await refreshStale(world)
  await fanOut(world)
  await settleSwitched(world)
  await refreshStale(world)
  await fanOut(world)
}

export const host = (name: string, over: Partial<Resource> = {}): Resource => ({
  arn: `urn:openinspector:host:${name}`,
  id: name,
  type: 'OPENINSPECTOR_HOST',
  account,
  region,
  tags: {},
  facts: { hostname: name },
  ...over,
})

export const npm = (name: string, version: string): Component => ({
  purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  type: 'npm',
  name,
  version,
})
export const deb = (name: string, version: string, source = name): Component => ({
  purl: `pkg:deb/debian/${name}@${version}`,
  type: 'deb',
  name,
  version,
  distro: 'debian:12',
  source: { name: source, version },
  arch: 'amd64',
})

export const at = (path: string, component: Component, over: Partial<Occurrence> = {}): Occurrence => ({
  component,
  at: { path },
  extractor: component.type === 'npm' ? 'npm/package-lock' : 'debian/dpkg-status',
  ...over,
})

export async function observe(
  world: World,
  resource: Resource,
  occurrences: readonly Occurrence[],
  gaps: readonly Gap[] = [],
  collector = 'host',
): Promise<void> {
  await recordObservation(world, { resource: resource.arn, collector, at: world.now().toISOString(), occurrences, gaps })
}

export const advisory = (id: string, over: Partial<Advisory> = {}): Advisory => ({
  is: 'advisory',
  id,
  source: id.startsWith('GHSA') ? 'GITHUB' : 'DEBIAN',
  aliases: [],
  bundles: [],
  severities: [],
  references: [],
  cwes: [],
  affected: [],
  ...over,
})

/** Affected from the beginning up to `fixed`, or for ever. */
export const affects = (ecosystem: string, name: string, fixed?: string, vendorSeverity?: string): Advisory['affected'][number] => ({
  ecosystem,
  name,
  ranges: [
    { type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])] },
  ],
  versions: [],
  ...(vendorSeverity !== undefined && { vendorSeverity }),
})

export const osvFeed = (ecosystem: string): FeedIdentity => ({ name: `osv/${ecosystem}`, unit: 'osv', ecosystem, parser: 1 })

export async function load(
  world: World,
  feed: FeedIdentity,
  records: readonly Knowledge[],
  teaches: 'advisory' | 'exploit' | 'probability' = 'advisory',
): Promise<LoadResult> {
  return loadFeed(world, {
    feed,
    teaches,
    snapshot: { is: 'full', cursor: 'test' },
    read: reading(
      (async function* () {
        yield* records
      })(),
    ),
    families,
  })
}

/** Reads records in this thread. */
export const reading =
  (records: AsyncIterable<Knowledge>): Reading =>
  (about, taker) =>
    readRecords(records, about, taker)

/** Open findings as people would tell them: resource, weakness, packages, severity, score, fix, status. */
export async function openFindings(store: Store): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select r.resource_id || ' ' || i.title || ' ' || f.severity || ' ' || f.score || ' fix' || i.fix || case f.status when 2 then ' suppressed' else '' end as line
    from finding f join resource r on r.id = f.resource_id join issue i on i.id = f.issue_id where f.status in (1, 2) order by 1`.execute(
    store.db,
  )
  return rows.map(({ line }) => line)
}
