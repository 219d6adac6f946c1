import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bill } from '../../../test/bills.ts'
import { databases } from '../../../test/database.ts'
import { host, openWorld } from '../../../test/join/world.ts'
import { brokenRules2, brokenRules3 } from '../../../test/spdx-rules.ts'
import { createPrincipal, createToken } from '../../core/access/index.ts'
import { recordObservation, registerResource } from '../../core/inventory/index.ts'
import { readSbom } from '../../formats/sbom.ts'
import { writeSbom } from '../../formats/sbom-write.ts'
import { sbomFormats } from '../../model/sbom.ts'
import type { Store } from '../../store/connection.ts'
import { apiV1 } from './index.ts'

const now = () => new Date('2026-11-25T12:00:00Z')

describe.each(databases)('the SBOM of a resource ($name)', ({ open }) => {
  let store: Store
  let app: FastifyInstance
  const tokens = new Map<string, string>()
  beforeAll(async () => {
    store = await open()
    const world = await openWorld(store)
    await registerResource(world, host('web', { facts: { ...(bill.os && { os: bill.os }) } }))
    await registerResource(world, host('new'))
    const [first, ...others] = bill.occurrences
    const observation = { resource: host('web').arn, at: '2026-11-22T11:00:00Z', gaps: bill.gaps, ...(bill.os && { os: bill.os }) }
    await recordObservation(world, { ...observation, collector: 'host', occurrences: [first!] })
    await recordObservation(world, { ...observation, collector: 'agent', at: '2026-11-22T11:30:00Z', occurrences: others })
    const by = { by: 'test', at: now() }
    for (const [name, account] of [
      ['viewer', '000000000000'],
      ['stranger', '111111111111'],
    ] as const) {
      const principal = await createPrincipal(store.db, { name, kind: 'user', role: 'viewer', account }, by)
      tokens.set(name, await createToken(store.db, principal, { name }, by))
    }
    app = fastify({ routerOptions: { maxParamLength: 2048 } })
    await app.register(apiV1, {
      ...{ prefix: '/api/v1', store, join: world, now, homeRegion: 'us-east-1', version: '0.1.0' },
      knowledge: async () => ({ state: 'full', feeds: [], families: {} }),
      pending: async () => ({ changes: 0, looks: 0 }),
      watching: { add: () => Promise.reject(new Error('asked')), collect: async () => {}, remove: async () => {} },
      ...{ recording: world, onCollected: () => {}, writeSbom, syncFeeds: async () => {} },
      verify: () => Promise.reject(new Error('asked')),
    })
  })
  afterAll(async () => {
    await app.close()
    await store.close()
  })
  const ask = (who: string, resource: string, query = '') =>
    app.inject({
      url: `/api/v1/resources/${encodeURIComponent(host(resource).arn)}/sbom${query}`,
      headers: { authorization: `Bearer ${tokens.get(who)}` },
    })

  it.each(sbomFormats)('is what all collectors hold, as %s, with the time of the last look', async (format) => {
    const { statusCode, headers, body } = await ask('viewer', 'web', `?format=${format}`)
    expect([statusCode, headers['content-type']]).toEqual([
      200,
      `application/${format.startsWith('spdx') ? 'spdx' : 'vnd.cyclonedx'}+json; charset=utf-8`,
    ])
    const resource = { arn: host('web').arn, id: 'web', type: 'OPENINSPECTOR_HOST' as const }
    expect(body).toBe(writeSbom({ ...bill, resource, at: '2026-11-22T11:30:00.000Z' }, format))
    expect((await readSbom(body, 'x')).occurrences).toHaveLength(bill.occurrences.length)
    expect((await ask('viewer', 'web', `?format=${format}`)).body).toBe(body)
    const document = JSON.parse(body)
    if (format === 'spdx-2.3') expect(brokenRules2(document)).toEqual([])
    if (format === 'spdx-3.0') expect(brokenRules3(document)).toEqual([])
    if (format === 'cyclonedx-1.7') expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot7).validate(body)).toBeNull()
  })

  it('is CycloneDX 1.6 where no format is named, and refused in words where there is none', async () => {
    expect(JSON.parse((await ask('viewer', 'web')).body)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' })
    const told = async (...asked: Parameters<typeof ask>) => {
      const { statusCode, body } = await ask(...asked)
      return [statusCode, JSON.parse(body).error.message]
    }
    expect(await told('viewer', 'web', '?format=pdf')).toEqual([400, expect.stringContaining('format')])
    expect(await told('viewer', 'new')).toEqual([409, 'new was not looked at yet: what it holds is not known.'])
    expect(await told('viewer', 'absent')).toEqual([404, `There is no resource ${host('absent').arn}.`])
    expect(await told('stranger', 'web')).toEqual([404, `There is no resource ${host('web').arn}.`])
  })

  it('is described by the API itself', async () => {
    type Described = { parameters: { name: string; schema: { enum?: string[] } }[]; responses: Record<string, { content: object }> }
    const { paths } = (await app.inject({ url: '/api/v1/openapi.json' })).json() as { paths: Record<string, { get: Described }> }
    const { parameters, responses } = paths['/api/v1/resources/{arn}/sbom']!.get
    expect(parameters.find(({ name }) => name === 'format')?.schema.enum).toEqual([...sbomFormats])
    expect(Object.keys(responses[200]!.content)).toEqual(['application/vnd.cyclonedx+json', 'application/spdx+json'])
  })
})
