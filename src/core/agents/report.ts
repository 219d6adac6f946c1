import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { sql } from 'kysely'
import { AppError } from '../../model/errors.ts'
import type { Db } from '../../store/connection.ts'
import { recordFailure, recordObservation, recordUnchanged, registerLooked, type Recording } from '../inventory/index.ts'
import type { Agent } from './agents.ts'
import { isInventory, nameOf, readRows, rowLimits, stateOf } from './rows.ts'

/** What changed on a host since the state `base`; without `base`, all of it. */
export type Report = {
  readonly version: string
  /** ISO time of the agent's last look. */
  readonly at: string
  readonly base?: string | undefined
  /** State after the change. The same as `base`: nothing changed. */
  readonly state: string
  readonly add: readonly string[]
  readonly drop: readonly string[]
}
/** held: nothing new; recorded: taken in, for good; all: we do not know that base, send everything. */
export type ReportAnswer = 'held' | 'recorded' | 'all'

const packed = promisify(gzip)
const unpacked = promisify(gunzip)
const collector = 'agent'

/**
 * Takes in what an agent says of its host. Said twice it changes nothing. Throws AppError `invalid` for what is not understood, in
 * which case nothing is taken in, and `denied` where the host was taken out of coverage.
 */
export async function takeReport(deps: Recording, agent: Agent, report: Report, region: string): Promise<ReportAnswer> {
  const { db } = deps.store
  const held = await heldState(db, agent)
  const at = noLaterThan(report.at, deps.now())
  if (report.state === held) {
    if (!(await recordUnchanged(db, agent.arn, collector, at))) throw outOfCoverage(agent)
    return answered(db, agent, report, 'held')
  }
  if (report.base !== undefined && report.base !== held) return answered(db, agent, report, 'all')
  const before = report.base === undefined ? new Map<string, string>() : await heldRows(db, agent)
  const { rows, inventory } = changed(before, report)
  const lines = [...rows.values()]
  const { occurrences, gaps, os, fault, facts } = await readRows(lines)
  const { arn, account, hostname } = agent
  if (facts !== undefined) {
    const resource = { arn, id: facts.hostname || hostname, type: 'OPENINSPECTOR_HOST', account, region, tags: {}, facts } as const
    if ((await registerLooked(deps, resource, undefined)) === undefined) throw outOfCoverage(agent)
  }
  if (fault !== undefined) await recordFailure(deps, arn, fault)
  else if (report.base === undefined || inventory) {
    const seen = { resource: arn, collector, at, occurrences, gaps, ...(os && { os }) }
    if ((await recordObservation(deps, seen)) === undefined) throw outOfCoverage(agent)
  } else await recordUnchanged(db, arn, collector, at)
  // Only now: what is acknowledged is held. Another report of the same agent that was faster makes this one be sent again.
  const told = await packed(lines.join('\n'))
  const { numAffectedRows } = await sql`
    update agent set state = decode(${report.state}, 'hex'), told = ${told}
    where id = ${agent.id}::uuid and revoked_at is null and encode(state, 'hex') is not distinct from ${held ?? null}::text`.execute(db)
  return answered(db, agent, report, numAffectedRows === 1n ? 'recorded' : 'all')
}

async function answered(db: Db, { id }: Agent, { version }: Report, answer: ReportAnswer): Promise<ReportAnswer> {
  await sql`update agent set seen_at = clock_timestamp(), version = ${version} where id = ${id}::uuid and revoked_at is null`.execute(db)
  return answer
}

async function heldState(db: Db, { id }: Agent): Promise<string | undefined> {
  const { rows } = await sql<{ state: string | null }>`select encode(state, 'hex') as state from agent where id = ${id}::uuid`.execute(db)
  return rows[0]?.state ?? undefined
}

async function heldRows(db: Db, { id }: Agent): Promise<Map<string, string>> {
  const { rows } = await sql<{ told: Buffer | null }>`select told from agent where id = ${id}::uuid`.execute(db)
  const told = rows[0]?.told
  if (!told) return new Map()
  const text = (await unpacked(told)).toString()
  return new Map(text === '' ? [] : text.split('\n').map((line) => [nameOf(line), line]))
}

/** The rows after the change, and whether it is about more than what runs. */
function changed(
  before: ReadonlyMap<string, string>,
  { state, add, drop }: Report,
): { readonly rows: ReadonlyMap<string, string>; readonly inventory: boolean } {
  const rows = new Map(before)
  let inventory = false
  for (const name of drop) {
    const line = rows.get(name)
    if (line !== undefined && !inventory) inventory = isInventory(line)
    rows.delete(name)
  }
  for (const line of add) {
    if (line.includes('\n')) throw new AppError('invalid', 'A row of the report is not one line.')
    if (!inventory) inventory = isInventory(line)
    rows.set(nameOf(line), line)
  }
  let length = 0
  for (const line of rows.values()) length += line.length + 1
  if (rows.size > rowLimits.rows || length > rowLimits.length)
    throw new AppError(
      'invalid',
      `A host may tell ${rowLimits.rows} rows of ${rowLimits.length} characters in all; this one has ${rows.size} of ${length}.`,
    )
  if (stateOf(rows.keys()) !== state) throw new AppError('invalid', 'The rows of the report do not make the state it names.')
  return { rows, inventory }
}

const noLaterThan = (at: string, now: Date): string => (Date.parse(at) > now.getTime() ? now.toISOString() : at)

const outOfCoverage = ({ hostname }: Agent) =>
  new AppError('denied', `The host ${hostname} was taken out of coverage: enrol it again to bring it back.`)
