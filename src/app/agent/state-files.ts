import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { nameOf, rowLimits, stateOf } from '../../core/agents/index.ts'
import { writePrivately } from '../private-file.ts'

/** What was seen last. The newest state is all that has yet to be told: it supersedes what was seen before. */
export type Seen = {
  /** ISO time of the look. */
  readonly at: string
  /** Rows of what is installed. */
  readonly installed: readonly string[]
  /** Rows of what runs. */
  readonly running: readonly string[]
}
/** What the server said that it holds. */
export type Acknowledged = { readonly state: string; readonly names: ReadonlySet<string> }

export const stateFiles = (folder: string) => ({ seen: join(folder, 'seen.gz'), acknowledged: join(folder, 'acknowledged.gz') })

const packed = promisify(gzip)
const unpacked = promisify(gunzip)

/** undefined: there is none, or it is broken, and all is told anew. */
export async function readSeen(folder: string): Promise<Seen | undefined> {
  const [at = '', installed, ...lines] = (await linesOf(stateFiles(folder).seen)) ?? []
  const count = Number(installed)
  if (Number.isNaN(Date.parse(at)) || !Number.isInteger(count)) return undefined
  return { at, installed: lines.slice(0, count), running: lines.slice(count) }
}

export const writeSeen = async (folder: string, { at, installed, running }: Seen): Promise<void> =>
  writePrivately(stateFiles(folder).seen, await packed([at, String(installed.length), ...installed, ...running].join('\n')))

export async function readAcknowledged(folder: string): Promise<Acknowledged | undefined> {
  const names = await linesOf(stateFiles(folder).acknowledged)
  return names && { state: stateOf(names), names: new Set(names) }
}

export const writeAcknowledged = async (folder: string, { names }: Acknowledged): Promise<void> =>
  writePrivately(stateFiles(folder).acknowledged, await packed([...names].join('\n')))

/** Its rows by their names, and the state they make. */
export type Named = Seen & { readonly rows: ReadonlyMap<string, string>; readonly state: string }

export function named(seen: Seen): Named {
  const rows = new Map([...seen.installed, ...seen.running].map((line) => [nameOf(line), line]))
  return { ...seen, rows, state: stateOf(rows.keys()) }
}

async function linesOf(path: string): Promise<readonly string[] | undefined> {
  try {
    const text = (await unpacked(await readFile(path), { maxOutputLength: 2 * rowLimits.length })).toString()
    return text === '' ? [] : text.split('\n')
  } catch {
    return undefined
  }
}
