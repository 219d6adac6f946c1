import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { archiveOf, layoutFiles, savedFiles, sha256, tarOf, writeFiles } from '../archives.ts'
import { layOut } from '../carriers.ts'
import { extOf, mke2fs, mkfsXfs, xfsOf } from '../disk-tools.ts'
import { writeDockerStore } from '../docker-store.ts'
import { zipOf } from '../zip.ts'
import { oi } from './oi.ts'

/** A project of two packages, as whatever a person may name it. */
const entries = ['left-pad', 'right-pad'].map((name) => ({
  name: `srv/node_modules/${name}/package.json`,
  content: JSON.stringify({ name, version: '1.3.0' }),
}))
let folder: string
const at = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oi-e2e-carriers-'))
  const layer = await tarOf(entries)
  const [one, two] = await Promise.all(entries.map((entry) => tarOf([entry])))
  await layOut(at('root'), entries)
  await writeFile(at('files.tar'), layer)
  await writeFile(at('files.tar.gz'), gzipSync(layer))
  await writeFile(at('files.tar.zst'), zstdCompressSync(layer))
  await writeFile(at('files.zip'), zipOf(entries))
  await writeFile(at('code.zip'), zipOf([entries[0]!]))
  await writeFile(at('layer.zip'), zipOf([entries[1]!]))
  await writeFile(at('saved.tar'), await archiveOf(savedFiles([one!, two!], ['shop:1'])))
  await writeFile(at('saved.tar.gz'), gzipSync(await archiveOf(savedFiles([one!, two!], ['shop:1']))))
  const files = layoutFiles([{ layers: [one!, two!], compression: 'zstd' }])
  await writeFiles(at('layout'), files)
  await writeFile(at('layout.tar'), await archiveOf(files))
  const index = files.get('index.json')!
  const blobs = new Map(files).set(`blobs/${sha256(index).replace(':', '/')}`, index)
  await writeFiles(at('containerd/io.containerd.content.v1.content'), blobs)
  await writeDockerStore(at('docker'), [one!, two!], ['shop:1'])
  if (mke2fs !== undefined) await extOf(at('root'), at('ext4.img'))
  if (mkfsXfs !== undefined) await xfsOf(entries, folder, at('xfs.img'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** `@` is the folder. */
const targets: readonly (readonly [target: string, lacks?: false | string])[] = [
  ['dir:@/root'],
  ['@/root'],
  ['rootfs:@/root'],
  ['archive:@/files.tar'],
  ['archive:@/files.tar.gz'],
  ['archive:@/files.tar.zst'],
  ['@/files.zip'],
  ['lambda:@/code.zip,@/layer.zip'],
  ['image:@/saved.tar'],
  ['@/saved.tar.gz'],
  ['@/layout'],
  ['@/layout.tar'],
  ['containerd:?root=@/containerd'],
  ['docker:shop:1?root=@/docker'],
  ['docker:?root=@/docker'],
  ['disk:@/ext4.img', mke2fs === undefined && 'mke2fs is not on this machine'],
  ['@/xfs.img', mkfsXfs === undefined && 'mkfs.xfs is not on this machine'],
]

for (const [target, lacks] of targets)
  it.skipIf(lacks)(`the command line reads ${target}${lacks ? ` (skipped: ${lacks})` : ''}`, { timeout: 30_000 }, async () => {
    const { code, out } = await oi(['sbom', target.replaceAll('@', folder), '--data', at('data'), '--cache', at('cache')])
    expect(code).toBe(0)
    const { components } = JSON.parse(out) as { components: { purl: string }[] }
    expect(components.map(({ purl }) => purl)).toEqual(['pkg:npm/left-pad@1.3.0', 'pkg:npm/right-pad@1.3.0'])
  })
