import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { AppError } from '../model/errors.ts'

/** Whether addresses of private networks may be reached. What no service of anybody's lies at may never be. */
export type Reach = 'public' | 'private'

/** IANA's registries of special-purpose addresses (RFC 6890): networks that only some can reach. */
const privateNetworks = blocks(
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['::1', 128],
  ['fc00::', 7],
  // These carry an IPv4 address that a router on the way would reach for us.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
)

/** Link-local (where clouds answer machines with their credentials), multicast, reserved, unspecified. */
const never = blocks(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['100.100.100.200', 32],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
)

function blocks(...networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return list
}

/** Whether an IP address may be connected to. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is that IPv4 address. */
export function mayReach(address: string, reach: Reach): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  return !never.check(address, family) && (reach === 'private' || !privateNetworks.check(address, family))
}

/** Throws AppError `denied` for a host that is an address which may not be reached, `unless` what. Names are judged when they are looked up. */
export function refusePrivate(hostname: string, reach: Reach, unless: string): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0 && !mayReach(address, reach)) throw refused(hostname, unless)
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** `dns.lookup` that finds only addresses which may be reached: what was judged is what is connected to. */
export function lookupWithin(reach: Reach, unless: string, find: typeof lookup = lookup) {
  return (hostname: string, options: LookupOptions, found: Found): void => {
    find(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, [])
      const [first, ...others] = addresses.filter(({ address }) => mayReach(address, reach))
      if (first === undefined) return found(refused(hostname, unless), [])
      if (options.all) found(null, [first, ...others])
      else found(null, first.address, first.family)
    })
  }
}

const refused = (hostname: string, unless: string) =>
  new AppError('denied', `${hostname} is an address of a private network, and none of those may be reached unless ${unless}`)
