import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

const launcher = join(import.meta.dirname, '../../bin/openinspector.mjs')

/** Runs the built command line as a user does, with nothing of our own environment's settings. */
export async function oi(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return await startOi(args, env).ended
}

export type Started = { readonly pid: number; readonly ended: Promise<Ran> }

/** The same in a process group of its own, as a shell at a terminal starts it; `pid` is also that of the group. */
export function startOi(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Started {
  const child = spawn(process.execPath, [launcher, ...args], {
    ...{ env: { ...clean(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true, cwd },
  })
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { pid: child.pid ?? 0, ended: ended.then(([out, err, [code]]) => ({ code: code as number | null, out, err })) }
}

/** A command line through a shell, for pipes: `oi` there is the command. */
export async function shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const script = `oi() { "${process.execPath}" "${launcher}" "$@"; }\nset -o pipefail\n${line}`
  const child = spawn('bash', ['-c', script], { env: { ...clean(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}

function clean(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('OI_') && name !== 'DATABASE_URL' && name !== 'NO_COLOR' && name !== 'FORCE_COLOR',
    ),
  )
}

export type Running = {
  readonly said: () => string
  readonly ended: Promise<number | null>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a command that goes on until it is asked to end, as a user does. */
export function running(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [launcher, ...args], { env: { ...clean(), ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (words: string) => (said += words))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    said: () => said,
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

export type Served = { readonly url: string; readonly said: () => string; stop(signal?: NodeJS.Signals): Promise<number | null> }

/** Starts the built server as a user does; resolves when it says where it answers. */
export async function serving(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const child = spawn(process.execPath, [launcher, 'serve', '--port', '0', ...args], {
    env: { ...clean(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const closed = once(child, 'close').then(([code]) => code as number | null)
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (words: string) => {
      said += words
      // A worker answers nobody: it has begun when it says who it is.
      const found = /^Ready: (http:\S+)$/m.exec(said)?.[1] ?? (said.includes(', role worker,') ? '' : undefined)
      if (found !== undefined) resolve(found)
    })
    void closed.then((code) => reject(new Error(`the server ended with ${code}:\n${said}`)))
  })
  return {
    url,
    said: () => said,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return closed
    },
  }
}
