import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../src/core/verify/index.ts'
import { registerResource } from '../../src/core/inventory/index.ts'
import { databases, emptyDatabase, type TestStore } from '../database.ts'
import { advisory, affects, at, deb, drain, host, load, npm, observe, openFindings, openWorld, osvFeed, type World } from './world.ts'

describe.each(databases)('the maintained join on $name', ({ open }) => {
  let store: TestStore
  let world: World
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    await emptyDatabase(store.db)
    world = await openWorld(store)
  })

  const settled = async (): Promise<string[]> => {
    await drain(world)
    expect((await verify(world)).differences).toEqual([])
    return openFindings(store)
  }

  it('finds the same whichever side comes first', async () => {
    const records = [
      advisory('CVE-2024-0001', { affected: [affects('Debian:12', 'openssl', '3.0.11-1', 'medium')] }),
      advisory('GHSA-aaaa-bbbb-cccc', {
        aliases: ['CVE-2024-0002'],
        affected: [affects('npm', 'lodash', '4.17.21')],
        severities: [{ type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'GITHUB' }],
      }),
    ]
    const seen = [at('var/lib/dpkg/status', deb('libssl3', '3.0.9-1', 'openssl')), at('app/package-lock.json', npm('lodash', '4.17.20'))]
    const expected = ['a CVE-2024-0001 - libssl3 3 0 fix2', 'a CVE-2024-0002 - lodash 5 98 fix2', 'b CVE-2024-0002 - lodash 5 98 fix2']

    await registerResource(world, host('a'))
    await observe(world, host('a'), seen)
    await load(world, osvFeed('Debian'), records.slice(0, 1))
    await load(world, osvFeed('npm'), records.slice(1))
    await drain(world)
    await registerResource(world, host('b'))
    await observe(world, host('b'), seen.slice(1))
    expect(await settled()).toEqual(expected)
  })
})
