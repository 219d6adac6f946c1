import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { extractLayers, extractTree, type Inventory } from '../src/core/extraction/index.ts'
import type { Extractor, ResourceSource } from '../src/model/seams.ts'
import { archive } from '../src/plugins/sources/archive/index.ts'
import { containerd } from '../src/plugins/sources/containerd/index.ts'
import { directory } from '../src/plugins/sources/directory/index.ts'
import { disk } from '../src/plugins/sources/disk/index.ts'
import { docker } from '../src/plugins/sources/docker/index.ts'
import { image } from '../src/plugins/sources/image/index.ts'
import { lambda } from '../src/plugins/sources/lambda/index.ts'
import { registryWith } from '../src/plugins/sources/registry/index.ts'
import { rootfs } from '../src/plugins/sources/rootfs/index.ts'
import { archiveOf, layoutFiles, savedFiles, sha256, tarOf, writeFiles, type Entry } from './archives.ts'
import { extOf, mke2fs, mkfsXfs, xfsOf } from './disk-tools.ts'
import { writeDockerStore } from './docker-store.ts'
import { startRegistry } from './registry-server.ts'
import { zipOf, type Packed } from './zip.ts'

/** What can be put into a carrier: an entry of an archive, a file of a hole (`hole` bytes of zeros), or a socket. */
export type Put = Entry & { readonly hole?: number; readonly socket?: true }

/** What can be looked at: how it is built of entries, in a folder of its own, and read by the source that a person would name. */
export type Carrier = {
  readonly name: string
  /** Carriers of one family are read by the same code, and take the same entries. */
  readonly family: 'folder' | 'tar' | 'zip' | 'lambda' | 'layers' | 'docker' | 'ext' | 'xfs'
  /** Why it cannot be built on this machine. */
  readonly lacks?: string
  look(entries: readonly Put[], extractors: readonly Extractor[], damage?: Damage): Promise<Inventory>
}
/** Changes the bytes of the carrier's file, or of the layer that an image holds, when all is written; `early`: before digests are taken. */
export type Damage = ((bytes: Buffer) => Buffer) & { readonly early?: true }

const scope = { account: '000000000000', region: 'us-east-1' }
/** Whoever breaks off is asked again at once. */
const registry = registryWith({ now: Date.now, sleep: async () => {} })
const same: Damage = (bytes) => bytes

export const carriers: readonly Carrier[] = [
  inFolder('directory', 'folder', async (at, entries) => [directory, 'dir', await layOut(join(at, 'root'), entries)]),
  inFolder('root file system', 'folder', async (at, entries) => [rootfs, 'rootfs', await layOut(join(at, 'root'), entries)]),
  inFile('tar', 'tar', 'a.tar', archive, async (entries) => await tarOf(entries)),
  inFile('tar in gzip', 'tar', 'a.tar.gz', archive, async (entries) => gzipSync(await tarOf(entries))),
  inFile('tar in zstd', 'tar', 'a.tar.zst', archive, async (entries) => zstdCompressSync(await tarOf(entries))),
  inFile('zip', 'zip', 'a.zip', archive, async (entries) => zipOf(packed(entries))),
  inFile('Lambda archive', 'lambda', 'code.zip', lambda, async (entries) => zipOf(packed(entries))),
  inFolder('Lambda layer', 'lambda', async (at, entries, damage) => {
    await writeFile(join(at, 'code.zip'), zipOf([{ name: 'index.js', content: '' }]))
    await writeFile(join(at, 'layer.zip'), damage(zipOf(packed(entries))))
    return [lambda, 'lambda', [join(at, 'code.zip'), join(at, 'layer.zip')].join(',')]
  }),
  inFolder('docker archive', 'layers', async (at, entries, damage) => {
    const files = savedFiles([await tarOf(entries)], ['shop:1'])
    for (const [name, bytes] of files) if (name.endsWith('layer.tar')) files.set(name, damage(bytes))
    await writeFile(join(at, 'a.tar'), await archiveOf(files))
    return [image, 'image', join(at, 'a.tar')]
  }),
  inFolder('OCI layout', 'layers', async (at, entries, damage) => [image, 'image', await writeFiles(at, await layoutOf(entries, damage))]),
  inFolder('OCI archive', 'layers', async (at, entries, damage) => {
    await writeFile(join(at, 'a.tar'), await archiveOf(await layoutOf(entries, damage)))
    return [image, 'image', join(at, 'a.tar')]
  }),
  inFolder("containerd's store", 'layers', async (at, entries, damage) => {
    const files = await layoutOf(entries, damage)
    const index = files.get('index.json')!
    await writeFiles(join(at, 'io.containerd.content.v1.content'), files.set(`blobs/${sha256(index).replace(':', '/')}`, index))
    return [containerd, 'containerd', `${sha256(index)}?root=${at}`]
  }),
  inFolder("Docker's store", 'docker', async (at, entries) => {
    await writeDockerStore(at, [await tarOf(entries)], ['shop:1'])
    return [docker, 'docker', `shop:1?root=${at}`]
  }),
  {
    name: 'registry',
    family: 'layers',
    async look(entries, extractors, damage = same) {
      const server = await startRegistry('shop/app')
      const folder = await mkdtemp(join(tmpdir(), 'oi-carrier-'))
      try {
        const layer = await tarOf(entries)
        server.push('1', [{ layers: [layer], ...(damage.early && { press: damage }) }])
        const digest = sha256(gzipSync(layer))
        if (!damage.early) server.blobs.set(digest, damage(server.blobs.get(digest)!))
        await writeFile(join(folder, 'registries.json'), JSON.stringify({ [server.host]: { private: true } }))
        const env = { HOME: folder, OI_REGISTRIES: join(folder, 'registries.json') }
        return await lookAt(registry, 'registry', `${server.host}/shop/app:1`, extractors, env)
      } finally {
        await server.close()
        await rm(folder, { recursive: true })
      }
    },
  },
  {
    ...inFolder('ext4 on a disk', 'ext', async (at, entries, damage) => {
      await extOf(await layOut(join(at, 'root'), entries), join(at, 'a.img'))
      await damageAt(join(at, 'a.img'), damage)
      return [disk, 'disk', join(at, 'a.img')]
    }),
    ...(mke2fs === undefined && { lacks: 'mke2fs is not on this machine' }),
  },
  {
    ...inFolder('XFS on a disk', 'xfs', async (at, entries, damage) => {
      await xfsOf(entries, at, join(at, 'a.img'))
      await damageAt(join(at, 'a.img'), damage)
      return [disk, 'disk', join(at, 'a.img')]
    }),
    ...(mkfsXfs === undefined && { lacks: 'mkfs.xfs is not on this machine' }),
  },
]

type Target = readonly [source: ResourceSource, scheme: string, value: string]

function inFolder(
  name: string,
  family: Carrier['family'],
  build: (at: string, entries: readonly Put[], damage: Damage) => Promise<Target>,
): Carrier {
  return {
    name,
    family,
    async look(entries, extractors, damage = same) {
      const folder = await mkdtemp(join(tmpdir(), 'oi-carrier-'))
      try {
        const [source, scheme, value] = await build(folder, entries, damage)
        return await lookAt(source, scheme, value, extractors)
      } finally {
        await closeSockets()
        await rm(folder, { recursive: true })
      }
    },
  }
}

function inFile(
  name: string,
  family: Carrier['family'],
  file: string,
  source: ResourceSource,
  pack: (entries: readonly Put[]) => Promise<Buffer>,
): Carrier {
  return inFolder(name, family, async (at, entries, damage) => {
    await writeFile(join(at, file), damage(await pack(entries)))
    return [source, source.targets[0]!, join(at, file)]
  })
}

async function lookAt(
  source: ResourceSource,
  scheme: string,
  value: string,
  extractors: readonly Extractor[],
  env?: Record<string, string>,
): Promise<Inventory> {
  const opened = await source.open({ scheme, value }, { ...scope, ...(env && { env }) })
  try {
    const collected = await opened.collect()
    if (collected.is === 'components') return { occurrences: collected.occurrences, gaps: collected.gaps }
    if (collected.is === 'files') return await extractTree(collected.tree, extractors)
    const inventory = await extractLayers(collected.layers, extractors)
    return { ...inventory, gaps: [...collected.gaps, ...inventory.gaps] }
  } finally {
    await opened.close?.()
  }
}

async function layoutOf(entries: readonly Entry[], damage: Damage): Promise<Map<string, Buffer>> {
  const layer = await tarOf(entries)
  if (damage.early) return layoutFiles([{ layers: [layer], press: damage }])
  const files = layoutFiles([{ layers: [layer] }])
  const name = `blobs/${sha256(gzipSync(layer)).replace(':', '/')}`
  return files.set(name, damage(files.get(name)!))
}

/** Types of Unix in the mode of a zip entry. */
const kinds: Readonly<Record<string, number>> = { symlink: 0o120777, fifo: 0o010644, 'character-device': 0o020644, socket: 0o140644 }

const packed = (entries: readonly Put[]): readonly Packed[] =>
  entries.map(({ name, content = '', symlink: target, type, socket, mode }) => {
    const kind = target !== undefined ? 'symlink' : socket ? 'socket' : (type ?? '')
    const unix = kinds[kind] ?? (mode === undefined ? undefined : 0o100000 | mode)
    return { name, content: target ?? content, ...(unix !== undefined && { mode: unix }) }
  })

async function damageAt(path: string, damage: Damage): Promise<void> {
  if (damage === same) return
  await writeFile(path, damage(await readFile(path)))
}

const sockets: ReturnType<typeof createServer>[] = []

async function closeSockets(): Promise<void> {
  for (const server of sockets.splice(0)) await new Promise<void>((done) => server.close(() => done()))
}

/** Puts entries into a folder; names are those of a folder. */
export async function layOut(root: string, entries: readonly Put[]): Promise<string> {
  await mkdir(root, { recursive: true })
  for (const { name, content = '', symlink: target, link: other, type, hole, socket, mode = 0o644 } of entries) {
    const path = join(root, name)
    if (!path.startsWith(`${root}/`)) throw new Error(`${name} cannot be in a folder`)
    if (name.endsWith('/')) await mkdir(path, { recursive: true })
    else await mkdir(dirname(path), { recursive: true })
    if (name.endsWith('/')) continue
    if (target !== undefined) await symlink(target, path)
    else if (other !== undefined) await link(join(root, other), path)
    else if (type === 'fifo') execFileSync('mkfifo', [path])
    else if (socket) {
      const server = createServer()
      sockets.push(server)
      await new Promise<void>((done) => server.listen(path, done))
    } else {
      await writeFile(path, content, { mode })
      if (hole !== undefined) await truncate(path, hole)
    }
  }
  return root
}
