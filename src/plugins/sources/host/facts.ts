import { readFile } from 'node:fs/promises'
import { arch, networkInterfaces, platform, release } from 'node:os'
import type { ListeningSocket, ResourceFacts } from '../../../model/resource.ts'
import { installedKernels } from './kernels.ts'
import { seeProcesses } from './processes.ts'
import { parseSockets } from './sockets.ts'

/** What can be seen of this machine beside its packages, and what could not. */
export async function hostFacts(
  hostname: string,
): Promise<{ readonly facts: ResourceFacts; readonly gaps: readonly { readonly path: string; readonly reason: string }[] }> {
  const { processes, socketOwners, unreadable } = await seeProcesses('/proc')
  // How many is a fact: it changes from one moment to the next, and what could not be seen does not.
  const gaps = unreadable === 0 ? [] : [{ path: 'proc', reason: 'processes of other users could not be looked into: permission denied' }]
  return {
    gaps,
    facts: {
      hostname,
      platform: platform(),
      arch: arch(),
      kernel: release(),
      installedKernels: await installedKernels('/'),
      addresses: addresses(),
      processes,
      ...(unreadable > 0 && { hiddenProcesses: unreadable }),
      sockets: await sockets(socketOwners),
    },
  }
}

async function sockets(owners: ReadonlyMap<string, number>): Promise<readonly ListeningSocket[]> {
  const read = async (file: string, protocol: 'tcp' | 'udp') =>
    parseSockets(await readFile(`/proc/net/${file}`, 'utf8').catch(() => ''), protocol)
  const all = await Promise.all([read('tcp', 'tcp'), read('tcp6', 'tcp'), read('udp', 'udp'), read('udp6', 'udp')])
  return all
    .flat()
    .map(({ inode, ...socket }) => ({ ...socket, ...(owners.has(inode) && { pid: owners.get(inode)! }) }))
    .sort((a, b) => a.port - b.port || compare(a.protocol, b.protocol) || compare(a.address, b.address))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Addresses by which others may reach this machine. */
function addresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((of) => of ?? [])
  return [...new Set(all.filter(({ internal }) => !internal).map(({ address }) => address))].sort()
}
