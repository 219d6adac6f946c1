import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'

const fixture = join(import.meta.dirname, '../src/plugins/sources/containerd/fixtures/store.tar.gz')

/** Unpacks the root of a containerd with an image of two platforms, in two namespaces and under 62 names. */
export async function containerdStore(root: string): Promise<string> {
  const entries = createReadStream(fixture).pipe(createGunzip()).pipe(extract())
  for await (const entry of entries) {
    const path = join(root, entry.header.name)
    if (entry.header.type === 'file') {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, await buffer(entry))
    } else entry.resume()
  }
  return join(root, 'io.containerd.metadata.v1.bolt/meta.db')
}
