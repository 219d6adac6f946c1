/**
 * Reading a snapshot in a process of its own: unpacking, parsing, translating, comparing, writing rows down. The server's own
 * thread stays free, and a snapshot that eats memory or never ends takes nothing with it but its load.
 */
import { starter, startOwnProcess } from '../kit/own-process.ts'
import { type AdvisoryChunk, type Ids, type Read, type Reading, type ReadingAbout, readRecords } from '../core/reading/index.ts'
import { AppError } from '../model/errors.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../model/seams.ts'
import { receivedError, type SentError, sentError } from './sent-error.ts'

/** What the process is told first; then it hears the ids it asks for. */
type Task = { readonly unit: string; readonly snapshot: FeedSnapshot; readonly about: ReadingAbout }
/** What it says. */
type Said =
  | { readonly is: 'alive' }
  | { readonly is: 'ids'; readonly count: number }
  | { readonly is: 'chunk'; readonly chunk: AdvisoryChunk }
  | { readonly is: 'read'; readonly read: Read }
  | { readonly is: 'failed'; readonly error: SentError }

export type ReadingLimits = {
  /** Of the process's own heap. What is read at a time is bounded by its reader. */
  readonly heapMb: number
  /** A process that says nothing this long hangs. */
  readonly silentMs: number
}

const limits: ReadingLimits = { heapMb: 512, silentMs: 60_000 }
const aliveMs = 5_000

/** Beside the source in development, beside the bundle in a build. */
const ours = new URL(import.meta.url.endsWith('.ts') ? './feed-process.ts' : './feed-process.js', import.meta.url)

/** Reads a unit's snapshot in a process. It ends with the reading: when this settles, nothing more is taken. */
export function readInProcess(
  unit: Pick<KnowledgeFeed, 'id'>,
  snapshot: FeedSnapshot,
  signal: AbortSignal,
  { program = ours, ...changed }: Partial<ReadingLimits> & { readonly program?: URL } = {},
): Reading {
  const { heapMb, silentMs } = { ...limits, ...changed }
  return async (about, taker) => {
    signal.throwIfAborted()
    const child = startOwnProcess(program, { memory: heapMb, env: {}, young: YOUNG_MB })
    /** Why we ended it ourselves. */
    let reason: Error | undefined
    const end = (why: Error) => {
      reason ??= why
      child.kill()
    }
    const stop = () => end(new AppError('upstream', `reading ${about.feed} was stopped`, { cause: signal.reason }))
    signal.addEventListener('abort', stop)
    const silence = setTimeout(
      () => end(new AppError('upstream', `reading ${about.feed} hangs: nothing was heard for ${silentMs / 1000} seconds`)),
      silentMs,
    )
    try {
      // Functions do not go to another process: what was downloaded is disposed of here.
      const files = snapshot.files.map(({ dispose: _, ...file }) => file)
      child.send({ unit: unit.id, snapshot: { ...snapshot, files }, about })
      for (;;) {
        const said = (await child.next()) as Said | undefined
        if (reason !== undefined) throw reason
        silence.refresh()
        switch (said?.is) {
          case undefined:
            throw await endOf(child, about.feed, heapMb)
          case 'ids':
            taker.ids(said.count).then(child.send, end)
            break
          case 'chunk':
            taker.take(said.chunk)
            break
          case 'read':
            return said.read
          case 'failed':
            throw receivedError(said.error)
          case 'alive':
        }
      }
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(silence)
      child.kill()
      await child.ended
    }
  }
}

/** Records live briefly, and most of what a reader makes is gone with its record: with less room the collector would look at it many times over. */
const YOUNG_MB = 32

async function endOf(child: ReturnType<typeof startOwnProcess>, feed: string, heapMb: number): Promise<Error> {
  const { how, words } = await child.ended
  if (how === 'memory') return new AppError('upstream', `reading ${feed} takes more than ${heapMb} MB of memory`)
  return new Error(`the process that reads ${feed} ended: ${words}`)
}

/** The other side, in the process: reads what it is started for, by one of these units. */
export async function serveReading(units: readonly KnowledgeFeed[]): Promise<void> {
  const peer = starter()
  const say = (said: Said): void => peer.send(said)
  const { unit: id, snapshot, about } = (await peer.next()) as Task
  const pulse = setInterval(() => say({ is: 'alive' }), aliveMs)
  try {
    const unit = units.find((one) => one.id === id)
    if (unit === undefined) throw new Error(`no feed unit has the id ${id}`)
    const read = await readRecords(unit.parse(snapshot), about, {
      async ids(count) {
        say({ is: 'ids', count })
        return (await peer.next()) as Ids
      },
      take: (chunk) => say({ is: 'chunk', chunk }),
    })
    say({ is: 'read', read })
  } catch (thrown) {
    say({ is: 'failed', error: sentError(thrown) })
  } finally {
    clearInterval(pulse)
  }
}
