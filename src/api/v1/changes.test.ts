import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { databases } from '../../../test/database.ts'
import { followChanges } from './changes.ts'

describe.each(databases)('the stream of changes ($name)', ({ open }) => {
  it('keeps no place for those who left before it began', async () => {
    const store = await open()
    const app = fastify({ forceCloseConnections: true })
    const begin = Promise.withResolvers<void>()
    const left: Promise<unknown>[] = []
    const changes = followChanges(
      async () => {
        await begin.promise
        return { knowledge: { state: 'none' }, evaluating: { pending: 0, looks: 0 } }
      },
      store.db,
      () => {},
    )
    const asked: Promise<void>[] = []
    app.get('/changes', async (_, reply) => {
      left.push(once(reply.raw, 'close'))
      const streamed = changes.stream(reply, {
        caller: { principalId: 1, name: 'viewer', role: 'viewer', account: '000000000000' },
        accounts: ['000000000000'],
        regions: 'all',
      })
      asked.push(streamed)
      await streamed
    })
    try {
      await app.listen({ port: 0, host: '127.0.0.1' })
      const { port } = app.server.address() as AddressInfo
      const sockets = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const socket = connect(port, '127.0.0.1')
          await once(socket, 'connect')
          socket.write('GET /changes HTTP/1.1\r\nHost: localhost\r\n\r\n')
          return socket
        }),
      )
      await expect.poll(() => left.length).toBe(100)
      for (const socket of sockets) socket.destroy()
      await Promise.all(left)
      begin.resolve()
      await Promise.all(asked)
      const answer = await fetch(`http://127.0.0.1:${port}/changes`)
      expect(answer.status).toBe(200)
      await answer.body?.cancel()
    } finally {
      changes.close()
      await app.close()
      await store.close()
    }
  })
})
