import { join } from 'node:path'
import { hostFacts, lineOf, type Row, rowLimits } from '../../core/agents/index.ts'
import type { ResourceFacts } from '../../model/resource.ts'
import { openTarget } from '../collect.ts'
import { lookAt, type Opened } from '../looking.ts'
import type { Enrolled } from './identity.ts'

export type Observing = Enrolled & {
  readonly folder: string
  /** Where the host's root is, for an agent in a container; absent: it is our own. */
  readonly root?: string | undefined
  readonly signal: AbortSignal
}

/** Megabytes of JavaScript's heap for the process that looks: a host's own packages are few beside those of an image. */
const lookMemory = 512
/** Megabytes of each half of its young generation. V8 would take 16: over 100 MB of memory more, for no time less. */
const young = 2

/** Everything installed on this host, as rows. */
export async function installedRows(
  { account, region, folder, root, signal }: Observing,
  onOpened: (opened: Opened) => void,
): Promise<readonly string[]> {
  const options = { account, region, exclude: [folder], layers: join(folder, 'layers'), signal, young, limits: { lookMemory } }
  const { inventory } = await lookAt(root === undefined ? 'host' : `rootfs:${root}`, options, onOpened)
  const { occurrences, gaps, os } = inventory
  const rows = function* (): Iterable<Row> {
    if (os !== undefined) yield { is: 'os', ...os }
    for (const gap of gaps) yield { is: 'gap', ...gap, path: gap.path.slice(0, 8_192), reason: gap.reason.slice(0, 4_096) }
    for (const one of occurrences) yield { is: 'occurrence', ...one }
  }
  return bounded(rows())
}

/** Past what a report may hold, the rest is a gap that hides all: what was held of it stays. */
function bounded(rows: Iterable<Row>): readonly string[] {
  // Facts need room as well.
  const most = { rows: Math.floor(rowLimits.rows * 0.8), length: Math.floor(rowLimits.length * 0.7) }
  const lines: string[] = []
  let [length, left] = [0, 0]
  for (const row of rows) {
    const line = lineOf(row)
    const fits = lines.length < most.rows && length + line.length < most.length && line.length <= rowLimits.rowLength
    if (fits) {
      lines.push(line)
      length += line.length + 1
    } else left++
  }
  if (left > 0)
    lines.push(lineOf({ is: 'gap', path: '', extractor: 'tree', reason: `${left} packages and gaps are more than a report holds` }))
  return lines
}

/** What runs on this host now, as rows. Cheap beside a look at what is installed. */
export async function runningRows({ account, region }: Observing): Promise<readonly string[]> {
  const { sourced } = await openTarget('host', { account, region })
  const { facts } = sourced.resource
  const { processes = [], sockets = [] } = facts
  const host = Object.fromEntries(hostFacts.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]]))) as ResourceFacts
  const rows: Row[] = [
    { is: 'host', ...host },
    ...processes.map((one) => ({ is: 'process' as const, ...one })),
    ...sockets.map((one) => ({ is: 'socket' as const, ...one })),
  ]
  const lines: string[] = []
  let length = 0
  for (const row of rows) {
    const line = lineOf(row)
    length += line.length
    if (length < rowLimits.length * 0.2 && lines.length < rowLimits.rows * 0.1) lines.push(line)
  }
  return lines
}
