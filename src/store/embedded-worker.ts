/**
 * Runs the embedded PostgreSQL (PGlite) in this worker thread and serves it on a private unix socket, so that `pg` speaks
 * to it as to any server. PGlite is one session: a client keeps the engine from its first statement until its transaction
 * ends, the others wait in line.
 */
import { createServer, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { frontend, type FrontendMessage, MessageCutter, startupCode } from './frontend-messages.ts'

const { dataDir, socketPath, idleInTransactionMs } = workerData as { dataDir: string; socketPath: string; idleInTransactionMs: number }

/** Backend messages: 'Z' ReadyForQuery, 'A' NotificationResponse, 'G' CopyInResponse. 'I': idle, outside a transaction. */
const backend = { ready: 0x5a, notification: 0x41, copyIn: 0x47 } as const
const idle = 0x49
const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const rollback = message('Q', Buffer.from('ROLLBACK\0'))
/** CopyInResponse, text, no columns: clients wait for it before they send data; the engine gets all of a COPY at once. */
const copyInResponse = message('G', Buffer.from([0, 0, 0]))

type Batch = { readonly bytes: Buffer; readonly copy: boolean }
type Client = {
  readonly socket: Socket
  readonly cutter: MessageCutter
  readonly batches: Batch[]
  pending: Buffer[]
  copying: boolean
  listening: boolean
  state: number
  gone: boolean
}

const clients = new Set<Client>()
const line = new Set<Client>()
let owner: Client | undefined
let running = false
let guard: NodeJS.Timeout | undefined

function accept(socket: Socket): void {
  const client: Client = {
    socket,
    cutter: new MessageCutter(),
    batches: [],
    pending: [],
    copying: false,
    listening: false,
    state: idle,
    gone: false,
  }
  clients.add(client)
  socket.on('data', (chunk) => {
    for (const next of client.cutter.push(chunk)) take(client, next)
  })
  // 'close' follows every error and does what is to be done.
  socket.on('error', () => {})
  socket.on('close', () => {
    client.gone = true
    client.batches.length = 0
    clients.delete(client)
    line.delete(client)
    if (owner === client) void pump(client)
  })
}

function take(client: Client, next: FrontendMessage): void {
  if (next.is === 'startup') return greet(client, next.code, next.bytes)
  if (next.type === frontend.terminate) {
    client.socket.end()
    return
  }
  client.pending.push(next.bytes)
  if (next.type === frontend.query) {
    const text = next.bytes.toString('utf8', 5, Math.min(next.bytes.length - 1, 4096))
    if (/^\s*listen\b/i.test(text)) client.listening = true
    if (/^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(text)) {
      client.copying = true
      send(client, copyInResponse)
      return
    }
  }
  const ends = client.copying
    ? next.type === frontend.copyDone || next.type === frontend.copyFail
    : next.type === frontend.query || next.type === frontend.sync || next.type === frontend.flush
  if (!ends) return
  submit(client, { bytes: Buffer.concat(client.pending), copy: client.copying })
  client.pending = []
  client.copying = false
}

function greet(client: Client, code: number, bytes: Buffer): void {
  if (code === startupCode.ssl || code === startupCode.gss) client.socket.write('N')
  // The engine is busy whenever there is something to cancel, and cannot hear it.
  else if (code === startupCode.cancel) client.socket.destroy()
  else submit(client, { bytes: Buffer.from(bytes), copy: false })
}

function submit(client: Client, batch: Batch): void {
  client.batches.push(batch)
  if (owner === undefined && ready) owner = client
  if (owner === client) void pump(client)
  else line.add(client)
}

async function pump(client: Client): Promise<void> {
  if (running) return
  running = true
  clearTimeout(guard)
  try {
    do {
      const batch = client.batches.shift()
      if (batch !== undefined) client.state = await run(client, batch)
    } while (client.batches.length > 0 && client.state !== idle)
  } catch (thrown) {
    client.state = 0
    client.socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
    client.gone = true
  }
  if (client.gone && client.state !== idle) {
    await engine.execProtocolRaw(rollback)
    client.state = idle
  }
  running = false
  if (client.state !== idle) {
    guard = setTimeout(() => client.socket.destroy(), idleInTransactionMs)
    return
  }
  if (client.batches.length > 0) line.add(client)
  handOver()
}

function handOver(): void {
  owner = line.values().next().value
  if (owner === undefined) return
  line.delete(owner)
  void pump(owner)
}

/** Runs one batch, passes the answer on and returns the transaction state of its ReadyForQuery (0 when it had none). */
async function run(client: Client, batch: Batch): Promise<number> {
  const answer = Buffer.from(await engine.execProtocolRaw(batch.bytes))
  let state = 0
  let from = 0
  for (let at = 0; at + 5 <= answer.length; ) {
    const end = at + 1 + answer.readInt32BE(at + 1)
    const type = answer[at]
    if (type === backend.ready) state = answer[at + 5] ?? 0
    const notification = type === backend.notification
    if (notification || (batch.copy && type === backend.copyIn)) {
      send(client, answer.subarray(from, at))
      from = end
      // Notifications belong to those who listen, not to whoever happened to ask.
      if (notification) for (const other of clients) if (other.listening) send(other, answer.subarray(at, end))
    }
    at = end
  }
  send(client, answer.subarray(from))
  return state
}

function send(client: Client, bytes: Buffer): void {
  if (bytes.length > 0 && client.socket.writable) client.socket.write(bytes)
}

let ready = false
const server = createServer({ noDelay: true }, accept)
await new Promise<void>((done, fail) => server.once('error', fail).listen(socketPath, done))
const engine = await PGlite.create({ dataDir })
ready = true
parentPort?.postMessage('ready')
handOver()
parentPort?.on('message', (said) => {
  if (said !== 'stop') return
  server.close()
  for (const client of clients) client.socket.destroy()
  void engine.close().then(() => process.exit(0))
})
