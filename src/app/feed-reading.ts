/**
 * Reading a snapshot in a thread of its own: unpacking, parsing, translating, comparing, writing rows down. The server's own
 * thread stays free, and a snapshot that eats memory or never ends takes nothing with it but its load.
 */
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { type AdvisoryChunk, type Ids, type Read, type Reading, type ReadingAbout, readRecords } from '../core/reading/index.ts'
import { AppError, type ErrorCode, reasonOf } from '../model/errors.ts'
import type { FeedSnapshot, KnowledgeFeed } from '../model/seams.ts'

/** What the thread is told at its start; then it hears the ids it asks for. */
type Task = { readonly unit: string; readonly snapshot: FeedSnapshot; readonly about: ReadingAbout }
/** What it says. */
type Said =
  | { readonly is: 'alive' }
  | { readonly is: 'ids'; readonly count: number }
  | { readonly is: 'chunk'; readonly chunk: AdvisoryChunk }
  | { readonly is: 'read'; readonly read: Read }
  | { readonly is: 'failed'; readonly message: string; readonly code?: ErrorCode; readonly stack?: string }

export type ReadingLimits = {
  /** Of the thread's own heap. What is read at a time is bounded by its reader. */
  readonly heapMb: number
  /** A thread that says nothing this long hangs. */
  readonly silentMs: number
}

const limits: ReadingLimits = { heapMb: 512, silentMs: 60_000 }
/**
 * Small on purpose: V8 gives a thread at its limit 16 MB more to end in, and what survives of the young generation moves
 * there at once. Past that the whole process would be aborted.
 */
const youngHeapMb = 16
const aliveMs = 5_000

/** Reads a unit's snapshot in a thread. It ends with the thread: when this settles, nothing more is taken. */
export function readInThread(
  unit: Pick<KnowledgeFeed, 'id'>,
  snapshot: FeedSnapshot,
  signal: AbortSignal,
  { entry = threadFile, heapMb, silentMs }: Partial<ReadingLimits> & { readonly entry?: URL } = {},
): Reading {
  const { heapMb: mostHeapMb, silentMs: mostSilentMs } = { heapMb: heapMb ?? limits.heapMb, silentMs: silentMs ?? limits.silentMs }
  return async (about, taker) => {
    signal.throwIfAborted()
    // Functions do not go to another thread: what was downloaded is disposed of here.
    const files = snapshot.files.map(({ dispose: _, ...file }) => file)
    const task = { unit: unit.id, snapshot: { ...snapshot, files }, about }
    const thread = new Worker(entry, {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: mostHeapMb, maxYoungGenerationSizeMb: youngHeapMb },
    })
    let silence: NodeJS.Timeout | undefined
    const stop = new AbortController()
    try {
      return await new Promise<Read>((done, fail) => {
        const heard = () => {
          clearTimeout(silence)
          silence = setTimeout(
            () => fail(new AppError('upstream', `reading ${about.feed} hangs: nothing was heard for ${mostSilentMs / 1000} seconds`)),
            mostSilentMs,
          )
        }
        heard()
        thread.on('message', (said: Said) => {
          if (stop.signal.aborted) return
          heard()
          switch (said.is) {
            case 'ids':
              taker.ids(said.count).then((ids) => thread.postMessage(ids), fail)
              break
            case 'chunk':
              taker.take(said.chunk)
              break
            case 'read':
              done(said.read)
              break
            case 'failed':
              fail(thrownThere(said))
              break
            case 'alive':
          }
        })
        thread.once('error', (thrown: NodeJS.ErrnoException) =>
          fail(
            thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? new AppError('upstream', `reading ${about.feed} takes more than ${mostHeapMb} MB of memory`, { cause: thrown })
              : thrown,
          ),
        )
        thread.once('exit', (code) => fail(new Error(`the thread that reads ${about.feed} ended with code ${code}`)))
        signal.addEventListener(
          'abort',
          () => fail(new AppError('upstream', `reading ${about.feed} was stopped`, { cause: signal.reason })),
          {
            signal: stop.signal,
          },
        )
      })
    } finally {
      stop.abort()
      clearTimeout(silence)
      await thread.terminate()
    }
  }
}

// Beside the source in development, beside the bundle in a build.
const threadFile = new URL(import.meta.url.endsWith('.ts') ? './feed-worker.ts' : './feed-worker.js', import.meta.url)

/** Only what we throw on purpose keeps its words for people; anything else is a bug, with the stack it had there. */
function thrownThere({ message, code, stack }: Extract<Said, { is: 'failed' }>): Error {
  if (code !== undefined) return new AppError(code, message)
  const thrown = new Error(message)
  if (stack !== undefined) thrown.stack = stack
  return thrown
}

/** The other side, in the thread: reads what it was started for, by one of these units. */
export async function serveReading(units: readonly KnowledgeFeed[]): Promise<void> {
  const { unit: id, snapshot, about } = workerData as Task
  const say = (said: Said, transfer: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(said, transfer)
  const answers: ((ids: Ids) => void)[] = []
  parentPort?.on('message', (ids: Ids) => answers.shift()?.(ids))
  const pulse = setInterval(() => say({ is: 'alive' }), aliveMs)
  try {
    const unit = units.find((one) => one.id === id)
    if (unit === undefined) throw new Error(`no feed unit has the id ${id}`)
    const read = await readRecords(unit.parse(snapshot), about, {
      ids: (count) =>
        new Promise((done) => {
          answers.push(done)
          say({ is: 'ids', count })
        }),
      take: (chunk) =>
        say(
          { is: 'chunk', chunk },
          Object.values(chunk.rows).map(({ buffer }) => buffer),
        ),
    })
    say({ is: 'read', read })
  } catch (thrown) {
    const stack = thrown instanceof Error ? thrown.stack : undefined
    say({
      is: 'failed',
      message: reasonOf(thrown),
      ...(thrown instanceof AppError && { code: thrown.code }),
      ...(stack !== undefined && { stack }),
    })
  } finally {
    clearInterval(pulse)
  }
}
