import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

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
