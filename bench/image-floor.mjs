import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'

/**
 * The least that reading and verifying an image can cost in Node: every layer of an OCI layout inflated, both sides hashed. A program
 * of its own, which loads nothing else. Argument: the layout.
 */
const CHUNK = 1 << 18
const layout = process.argv[2] ?? ''
const json = (name) => JSON.parse(readFileSync(join(layout, name), 'utf8'))
const blob = (digest) => join('blobs', digest.replace(':', '/'))
const { layers } = json(blob(json('index.json').manifests[0].digest))
await Promise.all(
  layers.map(async ({ digest }) => {
    const [stored, content] = [createHash('sha256'), createHash('sha256')]
    const file = createReadStream(join(layout, blob(digest)), { highWaterMark: CHUNK })
    file.on('data', (chunk) => stored.update(chunk))
    for await (const chunk of file.pipe(createGunzip({ chunkSize: CHUNK }))) content.update(chunk)
    stored.digest()
    content.digest()
  }),
)
