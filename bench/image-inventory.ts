import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { extractLayers } from '../src/core/extraction/index.ts'
import { folderCache } from '../src/kit/folder-cache.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { sources } from '../src/plugins/sources/index.ts'

const CHUNK = 1 << 18

/** The least that reading and verifying an image can cost in Node: every layer inflated, both sides hashed. */
export async function floor(layout: string): Promise<void> {
  const json = (name: string) => JSON.parse(readFileSync(join(layout, name), 'utf8'))
  const blob = (digest: string) => join('blobs', digest.replace(':', '/'))
  const { layers } = json(blob(json('index.json').manifests[0].digest))
  await Promise.all(
    layers.map(async ({ digest }: { readonly digest: string }) => {
      const [stored, content] = [createHash('sha256'), createHash('sha256')]
      const file = createReadStream(join(layout, blob(digest)), { highWaterMark: CHUNK })
      file.on('data', (chunk) => stored.update(chunk))
      for await (const chunk of file.pipe(createGunzip({ chunkSize: CHUNK }))) content.update(chunk)
      stored.digest()
      content.digest()
    }),
  )
}

/** Reads an image as the command line does, with a cache in a folder; prints what it found. */
export async function inventory(path: string, folder: string): Promise<void> {
  const cache = folderCache(folder)
  const image = sources.find(({ targets }) => targets.includes('image'))
  const opened = await image?.open({ scheme: 'image', value: path }, { account: '000000000000', region: 'us-east-1', cache })
  const collected = await opened?.collect()
  if (collected?.is !== 'layers') throw new Error('expected layers')
  const extractors = ecosystems.flatMap((ecosystem) => ecosystem.extractors)
  const { occurrences, gaps } = await extractLayers(collected.layers, extractors, { cache })
  await opened?.close?.()
  const count = (type: string) => occurrences.filter(({ component }) => component.type === type).length
  console.log(`${count('deb')} deb, ${count('npm')} npm, ${gaps.length} gaps`)
}
