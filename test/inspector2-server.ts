import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Inspector2, type Inspector2ClientConfig } from '@aws-sdk/client-inspector2'
import fastify, { type FastifyInstance } from 'fastify'
import { inspector2 } from '../src/api/inspector2/plugin.ts'
import type { Operation } from '../src/api/inspector2/operation.ts'
import { createAccessKey, createPrincipal, secretBox, signingKeys, type NewAccessKey } from '../src/core/access/index.ts'
import { enableHome } from '../src/core/enablement/index.ts'
import { type Join, settleJob } from '../src/core/findings/index.ts'
import { policyJob } from '../src/core/policy/index.ts'
import type { Role } from '../src/model/scope.ts'
import type { Store } from '../src/store/connection.ts'

export type Served = {
  readonly app: FastifyInstance
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  readonly keys: Readonly<Record<Role, NewAccessKey>>
  /** A client that tries once, of a principal with this role. */
  client(role?: Role, config?: Partial<Inspector2ClientConfig>): Inspector2
  close(): Promise<void>
}

/** The Inspector API over this store on a port of loopback, with a principal for each role and the home Region us-east-1. */
export async function serveInspector2(
  store: Store,
  account: string,
  { operations, log }: { readonly operations?: readonly Operation[]; readonly log?: (line: string) => void } = {},
): Promise<Served> {
  const now = (): Date => new Date()
  const box = secretBox(Buffer.alloc(32, 1))
  const keyOf = async (role: Role): Promise<NewAccessKey> => {
    const writer = { by: 'test', at: now() }
    return createAccessKey(store.db, box, await createPrincipal(store.db, { name: role, kind: 'user', role, account }, writer), writer)
  }
  const keys = { viewer: await keyOf('viewer'), operator: await keyOf('operator'), admin: await keyOf('admin') }
  await enableHome(store.db, account, 'us-east-1', now())
  await store.queue.declare([settleJob, policyJob])
  const join: Join = { store, now, schemeOf: () => undefined }
  const app = fastify({
    routerOptions: { maxParamLength: 2048 },
    genReqId: () => randomUUID(),
    ...(log !== undefined && { logger: { level: 'error', stream: { write: log } } }),
  })
  await app.register(inspector2, {
    join,
    reads: store.reads,
    keys: signingKeys(store.db, box, now),
    homeRegion: 'us-east-1',
    knowledge: async () => ({ state: 'starter' }),
    ...(operations !== undefined && { operations }),
  })
  app.get('/findings', async () => ({ page: 'console' }))
  app.post('/api/v1/echo', async (request) => request.body)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return {
    app,
    endpoint,
    keys,
    client: (role = 'admin', config = {}) =>
      new Inspector2({ endpoint, region: 'us-east-1', maxAttempts: 1, credentials: keys[role], ...config }),
    close: () => app.close(),
  }
}
