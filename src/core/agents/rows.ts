import { createHash } from 'node:crypto'
import * as z from 'zod'
import { slices } from '../../kit/slices.ts'
import { scopes, type Gap, type Occurrence, type OperatingSystem } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { ResourceFacts } from '../../model/resource.ts'

/**
 * What an agent tells of its host, as a set of rows. A row is a JSON text of a line; its hash names it, and the hash of all their
 * names is the state of the host. So a change is the rows that came and the names of those that went, and both sides know
 * whether they speak of the same. Nobody ever has to write a row as the other side wrote it.
 */
export type Row =
  | ({ readonly is: 'occurrence' } & Occurrence)
  | ({ readonly is: 'gap' } & Gap)
  | ({ readonly is: 'os' } & OperatingSystem)
  /** The last look failed: what was held stays, and this is why nothing newer came. */
  | { readonly is: 'fault'; readonly reason: string }
  | ({ readonly is: 'host' } & Pick<ResourceFacts, (typeof hostFacts)[number]>)
  | ({ readonly is: 'process' } & NonNullable<ResourceFacts['processes']>[number])
  | ({ readonly is: 'socket' } & NonNullable<ResourceFacts['sockets']>[number])

/** What a server and its agents speak. A change that an older side would misunderstand is another number. */
export const agentProtocol = 1

/** What is one of a host, and told in one row. */
export const hostFacts = ['hostname', 'platform', 'arch', 'kernel', 'installedKernels', 'addresses', 'hiddenProcesses'] as const

/** Bounds of what one host may tell; an order of magnitude past the largest honest host we know of. */
export const rowLimits = { rows: 250_000, length: 48 << 20, rowLength: 256 << 10 }

const text = (most: number) => z.string().max(most)
const texts = (items: number, most: number) => z.array(text(most)).max(items)
const Component = z.object({
  purl: text(4_096),
  type: text(64),
  name: text(2_048),
  version: text(1_024),
  distro: text(256).exactOptional(),
  source: z.object({ name: text(2_048), version: text(1_024) }).exactOptional(),
  arch: text(64).exactOptional(),
})
const Process = z.object({
  is: z.literal('process'),
  pid: z.int().min(0),
  name: text(256),
  executable: text(4_096).exactOptional(),
  files: texts(2_000, 4_096),
})
/** Members that a later agent adds are passed over. */
const AnyRow = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('occurrence'),
    component: Component,
    at: z.object({ path: text(8_192), layer: text(128).exactOptional() }),
    extractor: text(128),
    ownedBy: text(2_048).exactOptional(),
    scope: z.enum(scopes).exactOptional(),
    requirement: text(4_096).exactOptional(),
    direct: z.boolean().exactOptional(),
    dependsOn: texts(10_000, 4_096).exactOptional(),
    licences: texts(1_000, 4_096).exactOptional(),
    hashes: texts(100, 512).exactOptional(),
  }),
  z.object({ is: z.literal('gap'), path: text(8_192), extractor: text(128), reason: text(4_096) }),
  z.object({
    is: z.literal('os'),
    id: text(128),
    version: text(128).exactOptional(),
    codename: text(128).exactOptional(),
    name: text(256).exactOptional(),
  }),
  z.object({ is: z.literal('fault'), reason: text(2_000) }),
  z.object({
    is: z.literal('host'),
    hostname: text(256).exactOptional(),
    platform: text(64).exactOptional(),
    arch: text(64).exactOptional(),
    kernel: text(256).exactOptional(),
    installedKernels: texts(100, 256).exactOptional(),
    addresses: texts(1_000, 64).exactOptional(),
    hiddenProcesses: z.int().min(0).exactOptional(),
  }),
  Process,
  z.object({
    is: z.literal('socket'),
    protocol: z.enum(['tcp', 'udp']),
    address: text(64),
    port: z.int().min(0).max(65_535),
    pid: z.int().min(0).exactOptional(),
  }),
])

export const lineOf = (row: Row): string => JSON.stringify(row)
export const nameOf = (line: string): string => createHash('sha256').update(line).digest('hex').slice(0, 32)

/** Names a set of rows, in whatever order they come. */
export function stateOf(names: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const name of [...names].sort()) hash.update(name)
  return hash.digest('hex')
}

/** What a set of rows says. */
export type Told = {
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  readonly os?: OperatingSystem
  readonly fault?: string
  /** undefined: nothing was told beside packages. */
  readonly facts?: ResourceFacts
}

/** Throws AppError `invalid` for a row that is none of the known, naming it. */
export async function readRows(lines: readonly string[]): Promise<Told> {
  const occurrences: Occurrence[] = []
  const gaps: Gap[] = []
  const processes: NonNullable<ResourceFacts['processes']>[number][] = []
  const sockets: NonNullable<ResourceFacts['sockets']>[number][] = []
  const told: { os?: OperatingSystem; fault?: string; host?: ResourceFacts } = {}
  for await (const slice of slices(lines))
    for (const line of slice) {
      const { is, ...row } = readRow(line)
      if (is === 'occurrence') occurrences.push(row as Occurrence)
      else if (is === 'gap') gaps.push(row as Gap)
      else if (is === 'process') processes.push(row as (typeof processes)[number])
      else if (is === 'socket') sockets.push(row as (typeof sockets)[number])
      else if (is === 'os') told.os = row as OperatingSystem
      else if (is === 'host') told.host = row as ResourceFacts
      else told.fault = (row as { reason: string }).reason
    }
  const { os, fault, host } = told
  return {
    occurrences,
    gaps,
    ...(os && { os }),
    ...(fault !== undefined && { fault }),
    ...(host && {
      facts: { ...host, processes: processes.sort((a, b) => a.pid - b.pid), sockets: sockets.sort(bySocket), ...(os && { os }) },
    }),
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const bySocket = (a: Socket, b: Socket) => a.port - b.port || compare(a.protocol, b.protocol) || compare(a.address, b.address)
type Socket = NonNullable<ResourceFacts['sockets']>[number]

/** Is the row about what is installed, and not only about what runs? */
export function isInventory(line: string): boolean {
  const { is } = readRow(line)
  return is !== 'host' && is !== 'process' && is !== 'socket'
}

function readRow(line: string): z.output<typeof AnyRow> {
  const read = AnyRow.safeParse(parsed(line))
  if (read.success) return read.data
  const { path = [], message = 'not understood' } = read.error.issues[0] ?? {}
  throw new AppError('invalid', `A row of the report is not valid: ${[...path, message].join(': ')}, got ${line.slice(0, 200)}`)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
