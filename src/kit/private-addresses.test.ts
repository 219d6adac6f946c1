import type { lookup } from 'node:dns'
import { expect, it } from 'vitest'
import { lookupWithin, mayReach, refusePrivate } from './private-addresses.ts'

it.each([
  ['93.184.215.14', true, true],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', true, true],
  ['172.32.0.1', true, true],
  ['10.1.2.3', false, true],
  ['172.31.255.255', false, true],
  ['192.168.0.1', false, true],
  ['100.64.0.1', false, true],
  ['127.0.0.1', false, true],
  ['127.8.8.8', false, true],
  ['::1', false, true],
  ['fd12::1', false, true],
  ['::ffff:10.0.0.1', false, true],
  ['::ffff:7f00:1', false, true],
  ['64:ff9b::a00:1', false, true],
  ['169.254.169.254', false, false],
  ['::ffff:169.254.169.254', false, false],
  ['100.100.100.200', false, false],
  ['fd00:ec2::254', false, false],
  ['fe80::1', false, false],
  ['0.0.0.0', false, false],
  ['::', false, false],
  ['224.0.0.1', false, false],
  ['255.255.255.255', false, false],
])('%s: as public address %s, where private ones are allowed %s', (address, asPublic, asPrivate) => {
  expect([mayReach(address, 'public'), mayReach(address, 'private')]).toEqual([asPublic, asPrivate])
})

it('refuses a host that is such an address, and leaves names to their look-up', () => {
  expect(() => refusePrivate('[::1]', 'public', 'you say so')).toThrow(
    '[::1] is an address of a private network, and none of those may be reached unless you say so',
  )
  expect(() => refusePrivate('10.0.0.1', 'public', 'you say so')).toThrow('10.0.0.1')
  for (const host of ['localhost', '[2606:2800::1]', '1.1.1.1']) expect(() => refusePrivate(host, 'public', 'you say so')).not.toThrow()
})

it('finds only what may be reached, also where a name has both', async () => {
  const names: Record<string, readonly string[]> = { both: ['10.0.0.1', '93.184.215.14'], inside: ['10.0.0.1'] }
  const find = ((name: string, _: unknown, found: (error: Error | null, all: unknown) => void) =>
    found(
      null,
      names[name]?.map((address) => ({ address, family: 4 })),
    )) as unknown as typeof lookup
  const found = (name: string, all: boolean, reach: 'public' | 'private' = 'public') =>
    new Promise<unknown>((done) =>
      lookupWithin(reach, 'you say so', find)(name, { all }, (error, address) => done(error?.message ?? address)),
    )
  expect(await found('both', true)).toEqual([{ address: '93.184.215.14', family: 4 }])
  expect(await found('both', false)).toBe('93.184.215.14')
  expect(await found('inside', false)).toMatch(/^inside is an address of a private network/)
  expect(await found('inside', false, 'private')).toBe('10.0.0.1')
})
