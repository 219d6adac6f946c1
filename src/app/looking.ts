import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Occurrence } from '../model/component.ts'
import { AppError } from '../model/errors.ts'
import { limits as defaults, type Limits } from '../kit/limits.ts'
import { Interrupted } from '../kit/interruption.ts'
import { type OwnProcess, startOwnProcess } from '../kit/own-process.ts'
import type { Inventory, LeftOut, Reading } from '../core/extraction/index.ts'
import type { Listed, LookAnswer, LookAsk, Opened } from './look-messages.ts'
import { receivedError } from './sent-error.ts'

export type { Opened } from './look-messages.ts'
export type Looked = Opened & { readonly inventory: Inventory }

export type LookOptions = Pick<LookAsk, 'account' | 'region' | 'exclude' | 'layers'> & {
  readonly signal?: AbortSignal
  readonly limits?: Partial<Limits>
  /** Megabytes of each half of the young generation of the process that looks; by default what V8 takes. */
  readonly young?: number
  /** Another program than ours; for tests. */
  readonly program?: URL
}

/** Beside the source in development, beside the bundle in a build. */
const ours = new URL(import.meta.url.endsWith('.ts') ? './look-process.ts' : './look-process.js', import.meta.url)
/** Milliseconds between two looks at what is being read. */
const WATCH_MS = 1_000

/**
 * Looks at a target: opens it, reads it, settles what was found. All of it goes on in a process of its own with a bounded heap,
 * for what is read was written by strangers. A file that takes too much time or memory becomes a gap, and the look is begun again
 * without it; `onOpened` hears of the resource each time, as soon as it is known. Throws AppError in words for a person.
 */
export async function lookAt(target: string, options: LookOptions, onOpened: (opened: Opened) => unknown = () => {}): Promise<Looked> {
  const limits = { ...defaults, ...options.limits }
  const leftOut: LeftOut[] = []
  for (;;) {
    const seen = await lookOnce(target, { ...options, limits, leftOut, onOpened })
    if (!('broke' in seen)) return seen
    if (leftOut.length === limits.brokenLooks)
      throw new AppError(
        'invalid',
        `${target}: more than ${limits.brokenLooks} files take too much time or memory to read: not looked at further`,
      )
    leftOut.push(seen.broke)
  }
}

/** Opens a target and looks no further. */
export async function identify(target: string, options: LookOptions): Promise<Opened> {
  const limits = { ...defaults, ...options.limits }
  let opened: Opened | undefined
  const enough = new AbortController()
  const signal = options.signal === undefined ? enough.signal : AbortSignal.any([options.signal, enough.signal])
  const onOpened = (told: Opened) => {
    opened = told
    enough.abort()
  }
  try {
    await lookOnce(target, { ...options, signal, limits, leftOut: [], onOpened })
  } catch (thrown) {
    options.signal?.throwIfAborted()
    if (opened === undefined) throw thrown
  }
  if (opened === undefined) throw new Error(`${target} was looked at and never opened`)
  return opened
}

/** What a target that stands for several stands for just now. */
export async function listAt(target: string, options: LookOptions): Promise<Listed> {
  const { account, region, exclude, layers, signal, program = ours } = options
  const limits = { ...defaults, ...options.limits }
  signal?.throwIfAborted()
  const scratch = await mkdtemp(join(tmpdir(), 'openinspector-look-'))
  const worker = startOwnProcess(program, { memory: limits.lookMemory, env: { TMPDIR: scratch } })
  signal?.addEventListener('abort', worker.kill)
  try {
    const note = join(scratch, 'reading')
    worker.send({ target, list: true, account, region, exclude, layers, leftOut: [], limits, note } satisfies LookAsk)
    const answer = (await worker.next()) as LookAnswer | undefined
    if (answer?.is === 'listed') return answer.listed
    if (answer?.is === 'failed') throw receivedError(answer.error)
    const end = await worker.ended
    signal?.throwIfAborted()
    if (end.how === 'interrupted') throw new Interrupted(end.signal, `the look at ${target} was interrupted by ${end.signal}`)
    throw new AppError('invalid', `${target}: the look at what it stands for ${reasonOfEnd(end.how, end.words, limits)}`)
  } catch (thrown) {
    signal?.throwIfAborted()
    throw thrown
  } finally {
    worker.kill()
    await worker.ended
    signal?.removeEventListener('abort', worker.kill)
    await rm(scratch, { recursive: true, force: true })
  }
}

type Attempt = Omit<LookOptions, 'limits'> & {
  readonly limits: Limits
  readonly leftOut: readonly LeftOut[]
  readonly onOpened: (opened: Opened) => unknown
}
type Broke = { readonly broke: LeftOut }

async function lookOnce(target: string, attempt: Attempt): Promise<Looked | Broke> {
  const { account, region, exclude, layers, leftOut, limits, young, signal, program = ours } = attempt
  signal?.throwIfAborted()
  // Its temporary files go with it, however it ends.
  const scratch = await mkdtemp(join(tmpdir(), 'openinspector-look-'))
  const worker = startOwnProcess(program, { memory: limits.lookMemory, ...(young !== undefined && { young }), env: { TMPDIR: scratch } })
  signal?.addEventListener('abort', worker.kill)
  const note = join(scratch, 'reading')
  const guard = watchReadings(worker, note, limits.readSeconds)
  try {
    worker.send({ target, account, region, exclude, layers, leftOut, limits, note } satisfies LookAsk)
    const looked = await answers(worker, attempt)
    if (looked !== undefined) return looked
    const end = await worker.ended
    signal?.throwIfAborted()
    if (end.how === 'interrupted') throw new Interrupted(end.signal, `the look at ${target} was interrupted by ${end.signal}`)
    const reading = guard.slow() ?? (await readingAt(note))
    const reason = guard.slow() ? `took more than ${limits.readSeconds} seconds to read` : reasonOfEnd(end.how, end.words, limits)
    if (reading === undefined) throw new AppError('invalid', `${target}: the look at it ${reason}: not read`)
    const { extractor, path, layer } = reading
    return { broke: { extractor, path, ...(layer !== undefined && { layer }), reason: `${reason}: not read` } }
  } catch (thrown) {
    signal?.throwIfAborted()
    throw thrown
  } finally {
    guard.stop()
    worker.kill()
    await worker.ended
    signal?.removeEventListener('abort', worker.kill)
    await rm(scratch, { recursive: true, force: true })
  }
}

/** undefined: the process ended before it had answered. */
async function answers(worker: OwnProcess, { onOpened }: Attempt): Promise<Looked | undefined> {
  let opened: Opened | undefined
  let seen: Extract<LookAnswer, { is: 'seen' }> | undefined
  const occurrences: Occurrence[] = []
  const once = sharing()
  for (;;) {
    const answer = (await worker.next()) as LookAnswer | undefined
    switch (answer?.is) {
      case undefined:
        return undefined
      case 'failed':
        throw receivedError(answer.error)
      case 'listed':
        throw new Error('a look was answered with a list')
      case 'opened':
        opened = answer.opened
        await onOpened(opened)
        break
      case 'seen':
        seen = answer
        break
      case 'some':
        for (const row of answer.rows) occurrences.push(once(row))
        if (occurrences.length < (seen?.occurrences ?? 0)) worker.send('more')
    }
    if (opened !== undefined && occurrences.length === seen?.occurrences)
      return { ...opened, resource: seen.resource, inventory: { occurrences, gaps: seen.gaps, ...(seen.os && { os: seen.os }) } }
  }
}

/** A message brings each text anew, so that a million packages of one file would bring its path a million times: it is kept once. */
function sharing(): (occurrence: Occurrence) => Occurrence {
  const texts = new Map<string, string>()
  const one = (text: string) => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
  return ({ component, at: { path, layer }, dependsOn, ...more }) => ({
    ...more,
    component: { ...component, purl: one(component.purl) },
    at: { path: one(path), ...(layer !== undefined && { layer: one(layer) }) },
    ...(dependsOn && { dependsOn: dependsOn.map(one) }),
  })
}

type Noted = Reading & { readonly number: number }

/**
 * Ends the process when one reading takes longer than it may. Its processor time counts and not the clock: a file on a slow disk, or
 * on a busy machine, is not hostile.
 */
function watchReadings(worker: OwnProcess, note: string, most: number): { slow(): Reading | undefined; stop(): void } {
  let slow: Reading | undefined
  let since: { readonly number: number; readonly seconds: number } | undefined
  const check = async () => {
    const [reading, seconds] = await Promise.all([readingAt(note), worker.seconds()])
    if (reading === undefined) since = undefined
    else if (reading.number !== since?.number) since = { number: reading.number, seconds }
    else if (seconds - since.seconds >= most && slow === undefined) {
      slow = reading
      worker.kill()
    }
  }
  const timer = setInterval(() => void check().catch(() => {}), Math.min(WATCH_MS, most * 250))
  return { slow: () => slow, stop: () => clearInterval(timer) }
}

/** What the process reads, as it wrote it down; undefined: nothing just now. */
async function readingAt(note: string): Promise<Noted | undefined> {
  const [line = ''] = (await readFile(note, 'utf8').catch(() => '')).split('\n', 1)
  try {
    return line === '' ? undefined : (JSON.parse(line) as Noted)
  } catch {
    return undefined // half written: the next time it is whole
  }
}

function reasonOfEnd(how: 'exit' | 'memory' | 'crash', words: string, { lookMemory }: Limits): string {
  if (how === 'memory') return `took more than ${lookMemory} MB of memory`
  return `ended the process that read it (${words.split('\n', 1)[0] || 'without a word'})`
}
