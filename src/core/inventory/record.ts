import { type RawBuilder, sql } from 'kysely'
import { systemTypes, typesOfSystems, type Gap, type Occurrence, type OperatingSystem } from '../../model/component.ts'
import { INSIDE } from '../../kit/paths.ts'
import { slices } from '../../kit/slices.ts'
import { storable } from '../../kit/storable.ts'
import { AppError } from '../../model/errors.ts'
import type { Observation, Resource } from '../../model/resource.ts'
import { coverageStatus, resourceTypeCode } from '../../store/codes.ts'
import type { Db } from '../../store/connection.ts'
import { type Join, lockForSettling, refreshInventory, settleLocked, switchResources } from '../findings/index.ts'
import { forgetLook, type Place } from '../looks/index.ts'
import { type KeyOf, readOccurrences, stageInventory } from './stage.ts'
import { targetOf } from './targets.ts'
import { tellCoverage } from './tell-coverage.ts'

export type Recording = Join & {
  readonly keyOf: KeyOf
  /** Ids and versions of the extractors that looked; a change of them redoes the observation. */
  readonly extractors: string
}

/** Gaps kept with an observation; more are told as a count by the extraction itself. */
const keptGaps = 1_000

/** What is written in the transaction of a change: its audit row, say. */
export type Alongside = (trx: Db) => Promise<unknown>

/**
 * Puts a resource into coverage, also one that was taken out of it, or brings its tags, facts and place up to date. A known
 * resource with changed tags or facts is settled again, for suppression rules may look at them. Returns its id.
 */
export async function registerResource(join: Join, told: Resource, place?: Place, alongside?: Alongside): Promise<number> {
  const id = await register(join, told, place, sql`true`, alongside)
  if (id === undefined) throw new Error(`the resource ${told.arn} was not stored`)
  return id
}

/**
 * The same for what a look saw. A resource that was taken out of coverage stays out, and undefined is returned, unless
 * somebody asked for it later than that.
 */
export async function registerLooked(join: Join, told: Resource, place: Place | undefined, askedAt?: Date): Promise<number | undefined> {
  return register(join, told, place, askedAt === undefined ? sql`false` : sql`resource.gone_at < ${askedAt}`)
}

async function register(
  join: Join,
  told: Resource,
  place: Place | undefined,
  comesBack: RawBuilder<unknown>,
  alongside?: Alongside,
): Promise<number | undefined> {
  const now = join.now()
  const resource = storable(told)
  // A look begins before it knows the system; until it does, the one last seen stands.
  const facts = sql`case when resource.facts ? 'os' then jsonb_build_object('os', resource.facts -> 'os') else '{}' end || excluded.facts`
  const [target, machine] = [sql`coalesce(excluded.target, resource.target)`, sql`coalesce(excluded.machine, resource.machine)`]
  return join.store.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number; known: boolean }>`
      insert into resource (account_id, arn, resource_id, type, region, target, machine, tags, facts, status, reason, created_at)
      values (${resource.account}::bigint, ${resource.arn}, ${resource.id}, ${resourceTypeCode(resource.type)}, ${resource.region}, ${place?.target ?? null},
        ${place?.machine ?? null}, ${JSON.stringify(resource.tags)}::jsonb, ${JSON.stringify(resource.facts)}::jsonb, ${coverageStatus.ACTIVE}, 'PENDING_INITIAL_SCAN', ${now})
      on conflict (arn) do update set resource_id = excluded.resource_id, target = ${target}, machine = ${machine},
        tags = excluded.tags, facts = ${facts}, gone_at = null,
        status = case when resource.gone_at is null then resource.status else excluded.status end,
        reason = case when resource.gone_at is null then resource.reason else excluded.reason end
      where (resource.gone_at is not null and ${comesBack}) or (resource.gone_at is null
        and (resource.resource_id, resource.tags, resource.facts, resource.target, resource.machine)
          is distinct from (excluded.resource_id, excluded.tags, ${facts}, ${target}, ${machine}))
      returning id, xmax <> 0 as known`.execute(trx)
    await alongside?.(trx)
    const written = rows[0]
    if (written === undefined) return idInCoverage(trx, resource.arn)
    if (!written.known) await tellCoverage(trx, [written.id], now)
    if (written.known) await switchResources(trx, join, { kind: 'resource', subject: { resource: resource.arn }, resources: [written.id] })
    return written.id
  })
}

async function idInCoverage(db: Db, arn: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`select id from resource where arn = ${arn} and gone_at is null`.execute(db)
  return rows[0]?.id
}

/**
 * Takes in what a collector saw. Components and occurrences are staged first; then observation, effective inventory and
 * findings switch in one transaction. Where an observation has a gap, what the last one saw there is kept: doubt closes
 * nothing. Returns the delta's id; undefined, with nothing recorded, for a resource that was taken out of coverage.
 */
export async function recordObservation(deps: Recording, told: Observation): Promise<number | undefined> {
  const { db } = deps.store
  const observation = { ...storable({ ...told, occurrences: [] }), occurrences: await storableInSlices(told.occurrences) }
  const resource = await resourceId(db, observation.resource)
  for (;;) {
    const before = await currentObservations(db, resource)
    const held = before.find(({ collector }) => collector === observation.collector)
    const own = await stageInventory(db, await withKept(db, observation, held?.inventory), deps.keyOf)
    const all = [...new Set([own, ...before.filter((one) => one !== held).map(({ inventory }) => inventory)])]
    const effective = all.length === 1 ? own : await stageInventory(db, await readOccurrences(db, all), deps.keyOf)
    await refreshInventory(deps, effective)
    const delta = await db.transaction().execute((trx) => switchObservation(trx, deps, { observation, resource, own, effective, before }))
    if (delta === 'gone') return undefined
    if (delta !== 'again') return delta
  }
}

type Held = { readonly collector: string; readonly inventory: number }
type Switch = {
  readonly observation: Observation
  readonly resource: number
  readonly own: number
  readonly effective: number
  readonly before: readonly Held[]
}

/** With nothing written: `again` when another collector of the resource was faster, and the union is to be made anew; `gone` when it was taken out of coverage. */
async function switchObservation(
  trx: Db,
  deps: Recording,
  { observation, resource, own, effective, before }: Switch,
): Promise<number | 'again' | 'gone'> {
  await lockForSettling(trx, [resource])
  if ((await idInCoverage(trx, observation.resource)) === undefined) return 'gone'
  if (JSON.stringify(await currentObservations(trx, resource)) !== JSON.stringify(before)) return 'again'
  const delta = await switchResources(trx, deps, {
    kind: 'observation',
    subject: { resource: observation.resource, collector: observation.collector },
    resources: [resource],
  })
  await sql`
    insert into observation (resource_id, collector, inventory_id, gaps, collected_at, extractors)
    values (${resource}, ${observation.collector}, ${own}, ${JSON.stringify(observation.gaps.slice(0, keptGaps))}::jsonb, ${observation.at}::timestamptz, ${deps.extractors})
    on conflict (resource_id, collector) do update set inventory_id = excluded.inventory_id, gaps = excluded.gaps,
      collected_at = excluded.collected_at, extractors = excluded.extractors`.execute(trx)
  const { status, reason } = coverageOf(observation, deps)
  const { rows } = await sql<{ changed: boolean }>`
    with before as (select status, reason, reason_detail, inventory_id from resource where id = ${resource})
    update resource r set inventory_id = ${effective}, observed_at = greatest(r.observed_at, ${observation.at}::timestamptz),
      status = ${coverageStatus[status]}, reason = ${reason}, reason_detail = null
    from before b where r.id = ${resource}
    returning (b.status, b.reason, b.reason_detail, b.inventory_id) is distinct from (r.status, r.reason, r.reason_detail, r.inventory_id) as changed`.execute(
    trx,
  )
  if (rows[0]?.changed === true) await tellCoverage(trx, [resource], deps.now())
  const settled = await settleLocked(trx, deps, [resource], delta)
  if (settled !== undefined)
    await sql`update delta set state = 'done', done_at = ${deps.now()}, cursor = '{}' where id = ${delta}`.execute(trx)
  return delta
}

/** Nothing read, or an operating system whose packages were not found or no feed judges: not covered. Unknown is never green. */
function coverageOf(
  { occurrences, gaps, os }: Observation,
  { keyOf }: Recording,
): { readonly status: 'ACTIVE' | 'INACTIVE'; readonly reason: string } {
  // What of another system was brought along (in a snap, say) tells nothing of this one.
  const ofSystem = occurrences.filter(os === undefined ? isOfSystems : isOwn(os))
  const unread = (occurrences.length === 0 && gaps.length > 0) || (os !== undefined && ofSystem.length === 0)
  if (unread) return { status: 'INACTIVE', reason: 'NO_INVENTORY' }
  const judged = ofSystem.length === 0 || ofSystem.some(({ component }) => keyOf(component) !== undefined)
  return judged ? { status: 'ACTIVE', reason: 'SUCCESSFUL' } : { status: 'INACTIVE', reason: 'UNSUPPORTED_OS' }
}

const isOfSystems = ({ component }: Occurrence): boolean => systemTypes.has(component.type)

/** Is it a package of the system itself? */
function isOwn({ id }: OperatingSystem): (one: Occurrence) => boolean {
  const type = typesOfSystems[id]
  return ({ component }) => component.type === type || (systemTypes.has(component.type) && component.distro?.split(':', 1)[0] === id)
}

/** Notes that a collector looked again, at a later time, and saw the same. False for a resource that is not in coverage. */
export async function recordUnchanged(db: Db, arn: string, collector: string, at: string): Promise<boolean> {
  const { rows } = await sql`
    with covered as (
      update resource set observed_at = greatest(observed_at, ${at}::timestamptz) where arn = ${arn} and gone_at is null returning id
    ), seen as (
      update observation o set collected_at = greatest(o.collected_at, ${at}::timestamptz) from covered r
      where o.resource_id = r.id and o.collector = ${collector} and o.collected_at < ${at}::timestamptz
    ) select id from covered`.execute(db)
  return rows.length > 0
}

/** Lets a resource that was taken out of coverage come back. What collectors saw before that is forgotten: some of them may be gone. */
export async function bringBack(trx: Db, arn: string): Promise<void> {
  await sql`delete from observation o using resource r where o.resource_id = r.id and r.arn = ${arn} and r.gone_at is not null`.execute(trx)
  await sql`
    update resource set gone_at = null, inventory_id = null, status = ${coverageStatus.ACTIVE}, reason = 'PENDING_INITIAL_SCAN', reason_detail = null
    where arn = ${arn} and gone_at is not null`.execute(trx)
}

/** Notes that a collector failed. What we held stays; coverage says why nothing newer came. */
export async function recordFailure(join: Join, arn: string, reason: string): Promise<void> {
  await join.store.db.transaction().execute(async (trx) => {
    const id = await resourceId(trx, arn)
    const detail = reason.slice(0, 2_000)
    const { rows } = await sql`
      update resource set status = ${coverageStatus.INACTIVE}, reason = 'INTERNAL_ERROR', reason_detail = ${detail}
      where id = ${id} and gone_at is null and (reason, reason_detail) is distinct from ('INTERNAL_ERROR', ${detail}) returning id`.execute(
      trx,
    )
    if (rows.length > 0) await tellCoverage(trx, [id], join.now())
  })
}

/** Takes resources out of coverage; their findings close. */
export async function removeResource(join: Join, arn: string, alongside?: Alongside): Promise<void> {
  await join.store.db.transaction().execute(async (trx) => {
    const place = await targetOf(trx, arn)
    const { rows } = await sql<{ id: number }>`
      update resource set gone_at = ${join.now()}, status = ${coverageStatus.INACTIVE}, reason = 'RESOURCE_TERMINATED', target = null, machine = null
      where arn = ${arn} and gone_at is null returning id`.execute(trx)
    const id = rows[0]?.id
    if (id === undefined) throw new AppError('missing', `No resource has the ARN ${arn}.`)
    if (place?.machine !== undefined) await forgetLook(trx, { target: place.target, machine: place.machine })
    await tellCoverage(trx, [id], join.now())
    await switchResources(trx, join, { kind: 'resource', subject: { resource: arn, gone: true }, resources: [id] })
    await alongside?.(trx)
  })
}

async function resourceId(db: Db, arn: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`select id from resource where arn = ${arn}`.execute(db)
  const id = rows[0]?.id
  if (id === undefined) throw new AppError('missing', `No resource has the ARN ${arn}; register it first.`)
  return id
}

async function currentObservations(db: Db, resource: number): Promise<Held[]> {
  const { rows } = await sql<Held>`
    select collector, inventory_id as inventory from observation where resource_id = ${resource} order by collector`.execute(db)
  return rows
}

/**
 * What was seen, and what was held at places that could not be read this time. A system that is still there has packages:
 * where none were found, their database was not.
 */
async function withKept(db: Db, { occurrences, gaps, os }: Observation, held: number | undefined): Promise<readonly Occurrence[]> {
  if (held === undefined || gaps.length === 0) return occurrences
  const missing = os === undefined ? [] : [isOfSystems, isOwn(os)].filter((which) => !occurrences.some(which))
  const hidden = hiding(gaps)
  const kept: Occurrence[] = []
  for await (const slice of slices(await readOccurrences(db, [held])))
    for (const one of slice) if (missing.some((which) => which(one)) || hidden(one)) kept.push(one)
  return [...occurrences, ...kept]
}

/** `INSIDE` without its slash. */
const ARCHIVE = INSIDE.slice(0, -1)

/** Could an occurrence have been where a gap is? A gap of the walk itself hides what lies below its path. */
function hiding(gaps: readonly Gap[]): (one: Occurrence) => boolean {
  const byPath = Map.groupBy(gaps, ({ path }) => path)
  const here = (path: string, extractor: string) => byPath.get(path)?.some((gap) => gap.extractor === extractor || gap.extractor === 'tree')
  const below = (path: string) => byPath.get(path)?.some((gap) => gap.extractor === 'tree')
  return ({ at: { path }, extractor }) => {
    if (here(path, extractor) || below('')) return true
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const above = path.slice(0, slash)
      if (below(above)) return true
      if (above.endsWith(ARCHIVE) && here(above.slice(0, -ARCHIVE.length), extractor)) return true
    }
    return false
  }
}

async function storableInSlices(told: readonly Occurrence[]): Promise<readonly Occurrence[]> {
  const occurrences: Occurrence[] = []
  for await (const slice of slices(told)) for (const one of slice) occurrences.push(storable(one))
  return occurrences
}
