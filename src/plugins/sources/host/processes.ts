import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import type { RunningProcess } from '../../../model/resource.ts'

/** Processes seen, the process behind each socket inode, and how many processes we were not allowed to look into. */
export type SeenProcesses = {
  readonly processes: readonly RunningProcess[]
  readonly socketOwners: ReadonlyMap<string, number>
  readonly unreadable: number
}

/** Files of one process, and processes, that are kept as facts. */
const FILES = 2_000
const PROCESSES = 20_000

/** Looks through a procfs mounted at `proc` (proc(5)). Command lines and environments are never read: they hold secrets. */
export async function seeProcesses(proc: string): Promise<SeenProcesses> {
  const pids = (await readdir(proc).catch(() => []))
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .slice(0, PROCESSES)
  const home = await rootOf(join(proc, 'self'))
  const seen = await pMap(pids, (pid) => seeProcess(proc, pid, home), { concurrency: 8 })
  return {
    processes: seen.flatMap((one) => (one !== 'unreadable' && one?.process ? [one.process] : [])),
    socketOwners: new Map(
      seen.flatMap((one) => (one !== 'unreadable' && one ? one.sockets.map((inode) => [inode, one.pid] as const) : [])),
    ),
    unreadable: seen.filter((one) => one === 'unreadable').length,
  }
}

type Seen = { readonly pid: number; readonly process?: RunningProcess; readonly sockets: readonly string[] }

/** undefined: gone meanwhile, or a thread of the kernel, which executes no file. */
async function seeProcess(proc: string, pid: number, home: string | undefined): Promise<Seen | 'unreadable' | undefined> {
  const folder = join(proc, String(pid))
  try {
    const executable = withoutMark(await readlink(join(folder, 'exe')))
    const sockets = await socketsOf(folder)
    // With another root its paths are those of another file system: a container, which is a resource of its own.
    if ((await rootOf(folder)) !== home) return { pid, sockets }
    const [name, maps] = await Promise.all([readFile(join(folder, 'comm'), 'utf8'), readFile(join(folder, 'maps'), 'utf8')])
    return { pid, sockets, process: { pid, name: name.trim(), executable, files: mappedFiles(maps) } }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM' ? 'unreadable' : undefined
  }
}

/** Paths of the files in a `/proc/<pid>/maps` (proc_pid_maps(5)), sorted, without what is only memory. */
export function mappedFiles(maps: string): readonly string[] {
  const files = new Set<string>()
  for (const line of maps.split('\n')) {
    const at = line.indexOf('/')
    if (at === -1 || /^\S+ \S+ \S+ 00:\S+ 0 /.test(line)) continue
    const path = line.slice(at)
    if (!path.startsWith('/dev/') && !path.startsWith('/memfd:') && !path.startsWith('/SYSV')) files.add(withoutMark(path))
  }
  return [...files].sort().slice(0, FILES)
}

/** The kernel marks a file that was replaced while in use; it is the old one that runs, but this is its path. */
const withoutMark = (path: string): string => path.replace(/ \(deleted\)$/, '')

async function socketsOf(folder: string): Promise<readonly string[]> {
  const descriptors = await readdir(join(folder, 'fd')).catch(() => [])
  const links = await Promise.all(descriptors.map((fd) => readlink(join(folder, 'fd', fd)).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/** The root folder a process has, by what the file system calls it. */
async function rootOf(folder: string): Promise<string | undefined> {
  const { dev, ino } = await stat(join(folder, 'root/'))
  return `${dev}:${ino}`
}
