import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostId } from './identity.ts'
import { host } from './index.ts'
import { installedKernels } from './kernels.ts'
import { parseMounts, readMounts } from './mounts.ts'
import { mappedFiles } from './processes.ts'
import { parseSockets } from './sockets.ts'

const scope = { account: '000000000000', region: 'us-east-1' }

describe('hostId', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oi-host-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  it('follows the machine id, whatever the host is called', async () => {
    const file = join(folder, 'machine-id')
    await writeFile(file, '0123456789abcdef0123456789abcdef\n')
    expect(await hostId(file, 'one')).toBe('162527def4a030a5a760db0a296dff96')
    expect(await hostId(file, 'two')).toBe('162527def4a030a5a760db0a296dff96')
  })

  it('follows the host name where there is no machine id', async () => {
    const file = join(folder, 'machine-id')
    const [one, two] = await Promise.all([hostId(file, 'one'), hostId(file, 'two')])
    expect(one).not.toBe(two)
    await writeFile(file, 'uninitialized\n')
    expect(await hostId(file, 'one')).toBe(one)
  })
})

it('reads listening sockets only', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 102 1 0 100 0 0 10 0
   2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 103 1 0 100 0 0 10 0
   3: broken
`
  expect(parseSockets(tcp, 'tcp')).toEqual([
    { protocol: 'tcp', address: '127.0.0.1', port: 8080, inode: '101' },
    { protocol: 'tcp', address: '0.0.0.0', port: 22, inode: '102' },
  ])
})

it.each([
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000001000000', '::1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
  ['0000000000000000FFFF00000100007F', '::ffff:7f00:1'],
  ['000080FE00000000FF00FC000100FE00', 'fe80::fc:ff:fe:1'],
])('prints the address %s as %s', (hex, address) => {
  const line = `0: ${hex}:0035 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 7 2`
  expect(parseSockets(line, 'udp')).toEqual([{ protocol: 'udp', address, port: 53, inode: '7' }])
})

it('names the files a process has mapped', () => {
  const maps = `55d0-55d1 r-xp 00000000 fe:01 100 /usr/bin/node
55d1-55d2 r--p 00001000 fe:01 100 /usr/bin/node
7f00-7f01 r-xp 00000000 fe:01 101 /usr/lib/libssl.so.3 (deleted)
7f01-7f02 rw-s 00000000 00:05 102 /dev/shm/x
7f02-7f03 rw-s 00000000 00:01 103 /memfd:cache (deleted)
7f03-7f04 rw-p 00000000 00:00 0
7f04-7f05 r-xp 00000000 00:00 0 [vdso]
7f05-7f06 r--p 00000000 fe:01 104 /opt/a b/lib.so
`
  expect(mappedFiles(maps)).toEqual(['/opt/a b/lib.so', '/usr/bin/node', '/usr/lib/libssl.so.3'])
})

it('lists the kernels that are installed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'oi-kernels-'))
  for (const folder of ['boot', 'usr/lib/modules/6.12.9-200.fc41.x86_64', 'lib/modules/6.1.0-9-amd64'])
    await mkdir(join(root, folder), { recursive: true })
  const files = ['boot/vmlinuz-6.1.0-10-amd64', 'boot/vmlinuz-6.1.0-10-amd64.old', 'boot/vmlinuz', 'boot/initrd.img-6.1.0-8-amd64']
  for (const file of [...files, 'boot/vmlinuz-linux', 'usr/lib/modules/6.12.9-200.fc41.x86_64/vmlinuz'])
    await writeFile(join(root, file), '')
  // Modules alone, left behind by a kernel that was removed, start nothing.
  expect(await installedKernels(root)).toEqual(['6.1.0-10-amd64', '6.12.9-200.fc41.x86_64'])
  expect(await installedKernels(join(root, 'none'))).toEqual([])
  await rm(root, { recursive: true })
})

it('reads mount points', () => {
  const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:40 / /mnt/a\\040b rw,relatime shared:2 master:1 - nfs4 server:/x rw
rubbish
`
  expect(parseMounts(mountinfo)).toEqual([
    { point: '/', type: 'ext4' },
    { point: '/proc', type: 'proc' },
    { point: '/mnt/a b', type: 'nfs4' },
  ])
})

it('knows which mounts are not of this machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oi-mounts-'))
  const line = (point: string, type: string) => `22 1 0:1 / ${point} rw - ${type} source rw\n`
  const mounts = [line('/', 'overlay'), line('/home', 'nfs4'), line('/var', 'xfs'), line('/usr/x', 'tmpfs'), line('/opt/y', 'fuse.sshfs')]
  await writeFile(join(folder, 'mountinfo'), mounts.join(''))
  expect(await readMounts(join(folder, 'mountinfo'))).toEqual({ foreign: ['/home', '/usr/x', '/opt/y'], remote: ['/home', '/opt/y'] })
  expect(await readMounts(join(folder, 'absent'))).toEqual({ foreign: [], remote: [] })
  await rm(folder, { recursive: true })
})

describe('this machine', () => {
  it('is known by name and a stable id', async () => {
    const { resource } = await host.open({ scheme: 'host', value: '' }, scope)
    expect(resource).toMatchObject({ id: hostname(), type: 'OPENINSPECTOR_HOST', account: '000000000000', region: 'us-east-1' })
    expect(resource.arn).toMatch(/^urn:openinspector:host:[0-9a-f]{32}$/)
    expect((await host.open({ scheme: 'host', value: '' }, scope)).resource.arn).toBe(resource.arn)
  })

  it.skipIf(!existsSync('/proc/self/maps'))(
    'shows a running process with its files and its socket, and never its arguments (needs Linux)',
    async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)', 'SECRET-ARGUMENT'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      try {
        await once(child.stdout, 'data')
        const { facts } = (await host.open({ scheme: 'host', value: '' }, scope)).resource
        const executable = realpathSync(process.execPath)
        const seen = facts.processes?.find(({ pid }) => pid === child.pid)
        expect(seen).toMatchObject({ pid: child.pid, executable })
        expect(seen?.files).toContain(executable)
        const { port } = server.address() as AddressInfo
        expect(facts.sockets).toContainEqual({ protocol: 'tcp', address: '127.0.0.1', port, pid: process.pid })
        expect(JSON.stringify(facts)).not.toContain('SECRET-ARGUMENT')
      } finally {
        child.kill()
        server.close()
      }
    },
  )

  it.skipIf(!existsSync('/var/lib/dpkg/status'))('offers the package database, and watches it (needs dpkg)', async () => {
    const opened = await host.open({ scheme: 'host', value: '' }, scope)
    expect(opened.watch).toContain('/var/lib/dpkg/status')
    const collected = await opened.collect()
    let seen = false
    for await (const { path } of collected.tree.entries(() => {})) {
      seen = path === 'var/lib/dpkg/status'
      if (seen) break
    }
    expect(seen).toBe(true)
    expect(await (await collected.tree.open('var/lib/dpkg/status'))?.text()).toMatch(/^Package: /)
  })
})
