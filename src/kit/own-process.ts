import { type ChildProcess, fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { type EndSignal, isEndSignal } from './interruption.ts'

/** How a process came to its end. `memory`: it wanted more than it may have; `interrupted`: somebody outside asked it to end. */
export type End =
  | { readonly how: 'exit' | 'memory' | 'crash'; readonly words: string }
  | { readonly how: 'interrupted'; readonly signal: EndSignal; readonly words: string }

/** The other side of a channel between two processes of ours. Messages are plain data, as structured clones. */
export type Peer = {
  send(message: unknown): void
  /** The next message, in order; undefined: there will be none. */
  next(): Promise<unknown>
}
export type OwnProcess = Peer & {
  readonly ended: Promise<End>
  /** Seconds of processor time so far, of all its threads; without the system's word on it (only Linux gives it) those since its start. */
  seconds(): Promise<number>
  /** Ends it at once, whatever it does. */
  kill(): void
}

export type OwnProcessOptions = {
  /** MB its heap may have. */
  readonly memory: number
  /** MB of each half of the young generation; by default what V8 takes. */
  readonly young?: number
  readonly env: Readonly<Record<string, string>>
}

/** Characters kept of what a process said last on stderr. */
const LAST_WORDS = 8_192
/** Not for a process that has nothing to do with them. */
const secrets = ['DATABASE_URL', 'OI_SECRET_KEY', 'OI_TOKEN', 'OI_ENROL_TOKEN']

/**
 * Runs a program of ours, a module, in a process of its own. What it does to itself (V8 ends a process whose heap is full; a
 * thread would take ours along) it does not do to us.
 */
export function startOwnProcess(program: URL, { memory, young, env }: OwnProcessOptions): OwnProcess {
  const compiled = getCompileCacheDir()
  const begun = performance.now()
  const child = fork(program, {
    execArgv: [`--max-old-space-size=${memory}`, ...(young === undefined ? [] : [`--max-semi-space-size=${young}`])],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !secrets.includes(name))),
      ...(compiled !== undefined && { NODE_COMPILE_CACHE: dirname(compiled) }),
      ...env,
    },
  })
  const box = mailbox()
  child.on('message', box.put)
  const ended = endOf(child)
  void ended.then(box.close)
  return {
    ended,
    next: box.next,
    // One that is gone has closed the mailbox: whoever waits for the answer hears of it there.
    send: (message) => void (child.connected && child.send(message as object, () => {})),
    seconds: async () => (child.pid && (await processorSeconds(child.pid))) ?? (performance.now() - begun) / 1_000,
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Inside such a process: whoever started it. When that one is gone, so are we. */
export function starter(): Peer {
  preferToDie()
  const box = mailbox()
  process.on('message', box.put)
  process.on('disconnect', () => process.exit())
  return { next: box.next, send: (message) => void process.send?.(message) }
}

function mailbox() {
  const waiting: unknown[] = []
  let closed = false
  let wake = () => {}
  return {
    put(message: unknown) {
      waiting.push(message)
      wake()
    },
    close() {
      closed = true
      wake()
    },
    async next(): Promise<unknown> {
      while (waiting.length === 0 && !closed) await new Promise<void>((done) => (wake = done))
      return waiting.shift()
    },
  }
}

/** When it is gone and has said its last. */
async function endOf(child: ChildProcess): Promise<End> {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (said: string) => {
    words = (words + said).slice(-LAST_WORDS)
  })
  const silent = new Promise<void>((done) => child.stderr?.once('close', done))
  return await new Promise<End>((done) => {
    child.once('error', (error) => done({ how: 'crash', words: error.message }))
    child.once('exit', (code, signal) => void silent.then(() => done(endAs(code, signal, words.trim()))))
  })
}

function endAs(code: number | null, signal: NodeJS.Signals | null, words: string): End {
  // The system kills with SIGKILL, and only when it has no memory left.
  if (/out of memory/i.test(words) || signal === 'SIGKILL') return { how: 'memory', words }
  if (isEndSignal(signal)) return { how: 'interrupted', signal, words: signal }
  if (code === 0) return { how: 'exit', words }
  return { how: 'crash', words: `${signal ?? `exit code ${code}`}${words === '' ? '' : `: ${words}`}` }
}

/** utime and stime of proc_pid_stat(5), in hundredths of a second (USER_HZ). */
async function processorSeconds(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name before may hold anything, brackets and blanks as well.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isFinite(ticks) ? ticks / 100 : undefined
}

/** A system out of memory takes us before our starter, and what a crash would write to disk is kept small (proc_pid_oom_score_adj(5), core(5)). */
function preferToDie(): void {
  for (const [name, value] of [
    ['oom_score_adj', '500'],
    ['coredump_filter', '0'],
  ] as const) {
    try {
      writeFileSync(`/proc/self/${name}`, value)
    } catch {
      // Not Linux, or not allowed: nothing depends on it.
    }
  }
}
