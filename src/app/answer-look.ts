import { openSync, rmSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { dirname } from 'node:path'
import type { Occurrence } from '../model/component.ts'
import { AppError } from '../model/errors.ts'
import type { Extractor, SourceScope } from '../model/seams.ts'
import { folderCache } from '../kit/folder-cache.ts'
import { starter, type Peer } from '../kit/own-process.ts'
import type { Inventory, LeftOut, Reading } from '../core/extraction/index.ts'
import { inventoryOf, listTarget, openTarget, withSystem } from './collect.ts'
import type { Listed, LookAnswer, LookAsk, Member } from './look-messages.ts'
import { sentError } from './sent-error.ts'

/** Runs one reading after the other. */
type Reader = <T>(reading: Reading, read: () => Promise<T>) => Promise<T>

/** Characters of one message: small enough that the other side reads it in a blink. */
const SLICE = 500_000

/** Answers one look, as `look-messages.ts` says, and stays until it is ended. */
export async function answerLook(extractors: readonly Extractor[]): Promise<void> {
  const peer = starter()
  const tell = (answer: LookAnswer) => peer.send(answer)
  const ask = (await peer.next()) as LookAsk
  // Whoever asked removes our folder; when that one is gone, we do.
  process.on('exit', () => rmSync(dirname(ask.note), { recursive: true, force: true }))
  try {
    if (ask.list) return tell({ is: 'listed', listed: await listEach(ask) })
    const { inventory, resource } = await collect(ask, extractors, tell)
    const { occurrences, gaps, os } = inventory
    // Whoever has the answer ends this process at once: what Node would do at its end is done now.
    flushCompileCache()
    tell({ is: 'seen', resource, gaps, occurrences: occurrences.length, ...(os && { os }) })
    await handOver(occurrences, ask, peer)
  } catch (thrown) {
    tell({ is: 'failed', error: sentError(thrown) })
  }
}

async function collect(ask: LookAsk, extractors: readonly Extractor[], tell: (answer: LookAnswer) => void) {
  const { account, region, exclude, limits, leftOut } = ask
  const cache = folderCache(ask.layers)
  const noted = notedReader(ask.note)
  const reader = openingReader(noted, leftOut)
  const opened = await openTarget(ask.target, { account, region, exclude, cache, env: process.env, reader })
  const { target, collector, sourced } = opened
  try {
    tell({ is: 'opened', opened: { target, collector, resource: sourced.resource, watch: sourced.watch ?? [] } })
    const inventory: Inventory = await inventoryOf(opened, extractors, { limits, cache, leftOut, reader: noted })
    return { inventory, resource: withSystem(sourced.resource, inventory) }
  } finally {
    await sourced.close?.()
  }
}

/** Opened one by one: what fails with one says nothing of the others. */
async function listEach({ target, account, region, exclude, layers }: LookAsk): Promise<Listed> {
  const scope = { account, region, exclude, cache: folderCache(layers), env: process.env }
  const { targets, watch = [] } = await listTarget(target, scope)
  const members: Member[] = []
  for (const text of targets)
    try {
      const { target: written, collector, sourced } = await openTarget(text, scope)
      await sourced.close?.()
      members.push({ opened: { target: written, collector, resource: sourced.resource, watch: sourced.watch ?? [] } })
    } catch (thrown) {
      members.push({ target: text, error: sentError(thrown) })
    }
  return { watch, members }
}

/**
 * One reading after the other, each written down before it begins: whatever happens to this process, the file tells which one
 * was at it. It costs two writes that reach no disk; a message would cost our starter as much as us.
 */
function notedReader(note: string): Reader {
  const file = openSync(note, 'w')
  let count = 0
  let last: Promise<unknown> = Promise.resolve()
  const run = async <T>(reading: Reading, read: () => Promise<T>) => {
    writeSync(file, `${JSON.stringify({ ...reading, number: ++count })}\n`, 0)
    try {
      return await read()
    } finally {
      writeSync(file, '\n', 0)
    }
  }
  return (reading, read) => {
    const mine = last.then(() => run(reading, read))
    last = mine.catch(() => {})
    return mine
  }
}

/** A document that broke an earlier look is all there is to open: the look fails in words for a person. */
function openingReader(reader: Reader, leftOut: readonly LeftOut[]): NonNullable<SourceScope['reader']> {
  return async (reading, read) => {
    const broke = leftOut.find(({ extractor, path }) => extractor === reading.extractor && path === reading.path)
    if (broke !== undefined) throw new AppError('invalid', `${reading.path} ${broke.reason}`)
    return await reader(reading, read)
  }
}

/** In slices, each when it is asked for: whoever takes them has other things to do between. */
async function handOver(occurrences: readonly Occurrence[], { limits }: LookAsk, peer: Peer): Promise<void> {
  let length = 0
  for (let from = 0; from < occurrences.length; ) {
    if (from > 0 && (await peer.next()) === undefined) return
    const rows: Occurrence[] = []
    for (const begun = length; from < occurrences.length && length - begun < SLICE; from++) {
      rows.push(occurrences[from]!)
      length += lengthOf(occurrences[from])
    }
    if (length > limits.inventoryLength)
      throw new AppError(
        'invalid',
        `the names, versions and paths of its packages have more than ${limits.inventoryLength} characters: not kept`,
      )
    peer.send({ is: 'some', rows } satisfies LookAnswer)
  }
}

/** Characters of all texts in a value, and what each costs beside them. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 16
  if (typeof value !== 'object' || value === null) return 0
  let length = 0
  for (const name in value) length += lengthOf(value[name as keyof typeof value])
  return length
}
