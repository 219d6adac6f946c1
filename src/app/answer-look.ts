import { openSync, writeSync } from 'node:fs'
import type { Occurrence } from '../model/component.ts'
import type { Extracted, Extractor } from '../model/seams.ts'
import { folderCache } from '../kit/folder-cache.ts'
import { starter, type Peer } from '../kit/own-process.ts'
import type { Guarding, Inventory } from '../core/extraction/index.ts'
import { inventoryOf, openTarget, withSystem } from './collect.ts'
import { type LookAnswer, type LookAsk, sentError } from './look-messages.ts'
import { packing } from './packed.ts'

/** Texts of one message, those of occurrences counted each: small enough that the other side unpacks it in a blink. */
const SLICE = 20_000

/** Answers one look, as `look-messages.ts` says, and stays until it is released. */
export async function answerLook(extractors: readonly Extractor[]): Promise<void> {
  const peer = starter()
  const tell = (answer: LookAnswer) => peer.send(answer)
  const ask = (await peer.next()) as LookAsk
  try {
    const { inventory, resource } = await collect(ask, extractors, tell)
    const { occurrences, gaps, os } = inventory
    tell({ is: 'seen', resource, gaps, occurrences: occurrences.length, ...(os && { os }) })
    await handOver(occurrences, ask, peer)
  } catch (thrown) {
    tell({ is: 'failed', error: sentError(thrown) })
  }
}

async function collect(ask: LookAsk, extractors: readonly Extractor[], tell: (answer: LookAnswer) => void) {
  const { account, region, exclude, limits, leftOut } = ask
  const cache = folderCache(ask.layers)
  const opened = await openTarget(ask.target, { account, region, exclude, cache })
  const { target, collector, sourced } = opened
  try {
    tell({ is: 'opened', opened: { target, collector, resource: sourced.resource, watch: sourced.watch ?? [] } })
    const inventory: Inventory = await inventoryOf(opened, extractors, { limits, cache, leftOut, reader: notedReader(ask.note) })
    return { inventory, resource: withSystem(sourced.resource, inventory) }
  } finally {
    await sourced.close?.()
  }
}

/**
 * One reading after the other, each written down before it begins: whatever happens to this process, the file tells which one
 * was at it. It costs two writes that reach no disk; a message would cost our starter as much as us.
 */
function notedReader(note: string): NonNullable<Guarding['reader']> {
  const file = openSync(note, 'w')
  let count = 0
  let last: Promise<unknown> = Promise.resolve()
  const run = async (reading: object, read: () => Promise<Extracted>) => {
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

/** In slices, each when it is asked for: whoever takes them has other things to do between. */
async function handOver(occurrences: readonly Occurrence[], { limits }: LookAsk, peer: Peer): Promise<void> {
  const { pack, takeTexts } = packing(limits.inventoryLength)
  for (let from = 0; from < occurrences.length; ) {
    if ((await peer.next()) === undefined) return
    const rows: unknown[] = []
    for (let held = 0; from < occurrences.length && held < SLICE; from++) {
      const occurrence = occurrences[from]!
      rows.push(pack(occurrence))
      held += 12 + (occurrence.dependsOn?.length ?? 0)
    }
    peer.send({ is: 'some', texts: takeTexts(), rows } satisfies LookAnswer)
  }
}
