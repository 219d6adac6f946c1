import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { layoutFiles, sha256, type ImageParts } from './archives.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

/** `METHOD path`, and what came as Authorization. */
export type Asked = { readonly what: string; readonly authorization?: string; readonly range?: string; readonly body: string }
type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => boolean | Promise<boolean>

/** A registry of the OCI distribution specification on loopback, that can be told to misbehave. */
export type TestRegistry = {
  readonly host: string
  readonly url: string
  readonly asked: Asked[]
  readonly blobs: Map<string, Buffer>
  /** By tag or digest. */
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>
  /** Puts images under a tag: one as a manifest, several as an index. The digests of their manifests. */
  push(tag: string, images: readonly ImageParts[]): readonly string[]
  /** Asked before anything else; true when it has answered. */
  first: Answer
  /** Only who says this in Authorization gets anything; the challenge for all others. */
  guard?: { readonly authorization: string; readonly challenge: string }
  close(): Promise<void>
}

export async function startRegistry(name: string, tls?: ServerOptions): Promise<TestRegistry> {
  const listener: RequestListener = (request, response) => void answer(request, response)
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const registry: TestRegistry = {
    host,
    url: `${tls ? 'https' : 'http'}://${host}`,
    asked: [],
    blobs: new Map(),
    manifests: new Map(),
    first: () => false,
    push(tag, images) {
      const files = layoutFiles(images)
      for (const [file, bytes] of files) if (file.startsWith('blobs/')) registry.blobs.set(file.slice(6).replace('/', ':'), bytes)
      const index = files.get('index.json')!
      const digests = (JSON.parse(index.toString()) as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest)
      for (const digest of digests) registry.manifests.set(digest, { bytes: registry.blobs.get(digest)!, type: manifestType })
      registry.manifests.set(sha256(index), { bytes: index, type: indexType })
      registry.manifests.set(tag, registry.manifests.get(images.length === 1 ? digests[0]! : sha256(index))!)
      return digests
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const piece of request) body += piece
    const { authorization, range } = request.headers
    registry.asked.push({
      what: `${request.method} ${request.url}`,
      ...(authorization !== undefined && { authorization }),
      ...(range !== undefined && { range }),
      body,
    })
    if (await registry.first(request, response, body)) return
    if (registry.guard && authorization !== registry.guard.authorization) {
      response.writeHead(401, { 'www-authenticate': registry.guard.challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}')
      return
    }
    const [, kind, reference = ''] = new RegExp(`^/v2/${name}/(manifests|blobs)/([^?]+)`).exec(request.url ?? '') ?? []
    if (kind === 'manifests') return sendManifest(request, response, registry.manifests.get(reference))
    return sendBlob(request, response, kind === undefined ? undefined : registry.blobs.get(reference))
  }
  return registry
}

/** Who reads this manifest or blob waits for it until it is released. `asked`: somebody waits. */
export function hold(registry: TestRegistry, reference: string): { readonly asked: Promise<void>; release(): void } {
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<boolean>()
  registry.first = ({ url = '', method }) => {
    if (method !== 'GET' || !url.endsWith(`/${reference}`)) return false
    asked.resolve()
    return released.promise
  }
  return { asked: asked.promise, release: () => released.resolve(false) }
}

function sendManifest({ method }: IncomingMessage, response: ServerResponse, held: { bytes: Buffer; type: string } | undefined): void {
  if (held === undefined) return void response.writeHead(404).end()
  const headers = { 'content-type': held.type, 'content-length': held.bytes.length, 'docker-content-digest': sha256(held.bytes) }
  response.writeHead(200, headers).end(method === 'HEAD' ? undefined : held.bytes)
}

function sendBlob({ headers, method }: IncomingMessage, response: ServerResponse, bytes: Buffer | undefined): void {
  if (bytes === undefined) return void response.writeHead(404).end()
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const part = bytes.subarray(from)
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': part.length, ...range }).end(method === 'HEAD' ? undefined : part)
}
