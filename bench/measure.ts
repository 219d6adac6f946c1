import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** Folder of the inputs that ../shared/bench/01-inputs.sh builds. */
export function benchInputs(): string {
  const folder = process.env['OI_BENCH_INPUTS']
  if (folder === undefined || !existsSync(folder)) throw new Error('set OI_BENCH_INPUTS to the folder of benchmark inputs')
  return folder
}

/** CPU seconds (user and system, with its children) and standard output of a command. Throws when it cannot be run or crashes. */
export function cpuOf(
  command: string,
  args: readonly string[],
  cwd = process.cwd(),
): { readonly seconds: number; readonly output: string } {
  const timed = ['-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', 'bash', command, ...args]
  const { stdout, stderr, status, error } = spawnSync('bash', timed, { cwd, encoding: 'utf8', maxBuffer: 2 ** 30 })
  const used = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(stderr)
  // 3: stale feeds or gaps, which is an answer.
  if (error || !used || ![0, 3].includes(status ?? -1))
    throw new Error(`${command} ended with ${status}: ${stderr.slice(-500)}`, { cause: error })
  return { seconds: Number(used[1]) + Number(used[2]), output: stdout }
}

/** The most memory, in MB, that a command and its children had at one time (proportional set size of Linux; looked at 20 times a second). */
export async function peakOf(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore' })
  let most = 0
  while (child.exitCode === null && child.signalCode === null) {
    most = Math.max(
      most,
      familyOf(child.pid ?? 0).reduce((sum, pid) => sum + memoryOf(pid), 0),
    )
    await delay(50)
  }
  return most
}

function familyOf(pid: number): readonly number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)[1] === String(pid))
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))]
}

/** The fields behind the name (proc_pid_stat(5)); a process that has ended meanwhile has none. */
function statOf(pid: string): readonly string[] {
  const text = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const memoryOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(orNothing(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')))?.[1] ?? 0) / 1024

function orNothing(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

export function median(runs: number, measure: () => number): number {
  const values = Array.from({ length: runs }, measure).sort((a, b) => a - b)
  return values[runs >> 1] ?? Number.NaN
}

export function ratio(ours: number, floor: number): string {
  return `${(ours / floor).toFixed(2)} x`
}

/** Machine and day, without which no figure is quoted. */
export function machine(): string {
  const day = new Date().toISOString().slice(0, 10)
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${day}`
}
