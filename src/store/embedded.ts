import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, realpath, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AppError } from '../model/errors.ts'

export type Embedded = { readonly socketDir: string; stop(): Promise<void> }

/** `sun_path` holds 108 bytes on Linux and 104 elsewhere; the socket's own name takes 14 of them. */
const longestSocketDir = 88
/** A transaction left open this long loses its connection, for everybody else waits for it. */
const idleInTransactionMs = 30_000

/**
 * Starts the embedded database over `dataDir` (made when absent) in a thread of its own. Its folders are closed to other
 * users, which is the only access control. Throws AppError `conflict` when another process holds the folder: the engine itself would let both write.
 */
export async function startEmbedded(dataDir: string): Promise<Embedded> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const folder = await realpath(dataDir)
  const lock = await lockFolder(folder)
  try {
    const socketDir = await socketFolder(folder)
    const socketPath = join(socketDir, '.s.PGSQL.5432')
    if (await answers(socketPath)) throw held(folder)
    await rm(socketPath, { force: true })
    const worker = await startWorker({ dataDir: await privateFolder(join(folder, 'postgres')), socketPath, idleInTransactionMs })
    return { socketDir, stop: () => stopWorker(worker).finally(() => lock?.close()) }
  } catch (thrown) {
    lock?.close()
    throw thrown
  }
}

/** The engine makes its files readable and writable to all: the folder must keep others out, also in a data folder that lets them in. */
async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
  return path
}

const held = (folder: string): AppError =>
  new AppError(
    'conflict',
    `Another OpenInspector process holds the data folder ${folder}. Stop it, talk to it with --server URL, or choose another folder with --data.`,
  )

/**
 * Linux gives a lock that the kernel frees with its process: an abstract socket named after the folder's inode. Elsewhere,
 * and across network namespaces, the answering socket in the folder is the lock.
 */
async function lockFolder(folder: string): Promise<Server | undefined> {
  if (process.platform !== 'linux') return undefined
  const { dev, ino } = await stat(folder, { bigint: true })
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(error.code === 'EADDRINUSE' ? held(folder) : error))
    server.listen({ path: `\0openinspector-${dev}-${ino}` }, done)
  })
  return server.unref()
}

async function socketFolder(folder: string): Promise<string> {
  const inside = join(folder, 'socket')
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const chosen = Buffer.byteLength(inside) <= longestSocketDir ? inside : join(tmpdir(), `openinspector-${name}`)
  await mkdir(chosen, { recursive: true, mode: 0o700 })
  // In the system's folder for temporary files anybody may have been there first, with a folder or a link.
  const found = await lstat(chosen)
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new AppError(
      'denied',
      `Expected a folder of ours at ${chosen} for the database's private socket; user ${found.uid} made it something else.`,
    )
  }
  await chmod(chosen, 0o700)
  return chosen
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(path)
    probe.once('connect', () => done(true)).once('error', () => done(false))
    probe.once('connect', () => probe.destroy())
  })
}

function startWorker(data: Record<string, unknown>): Promise<Worker> {
  // Beside the source in development, beside the bundle in a build.
  const name = import.meta.url.endsWith('.ts') ? './embedded-worker.ts' : './embedded-worker.js'
  const worker = new Worker(new URL(name, import.meta.url), { workerData: data })
  return new Promise((done, fail) => {
    // Under --watch Node itself posts messages from worker threads.
    worker.on('message', (said) => said === 'ready' && done(worker))
    worker.once('error', fail)
    worker.once('exit', (code) => fail(new Error(`the embedded database ended at its start with code ${code}`)))
  })
}

async function stopWorker(worker: Worker): Promise<void> {
  const ended = new Promise<void>((done) => worker.once('exit', () => done()))
  worker.postMessage('stop')
  await ended
}
