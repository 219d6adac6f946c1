import { createHash } from 'node:crypto'
import { lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cleanPath } from '../src/kit/paths.ts'
import { walkTar, type TarEntry } from '../src/kit/tar.ts'
import { configOf, sha256 } from './archives.ts'

/** Writes a store as Docker's driver overlay2 keeps it, with one image, into folders of its own; other images of it lose their names. The id of that. */
export async function writeDockerStore(
  root: string,
  layers: readonly Buffer[],
  names: readonly string[],
  folders = 'layer',
): Promise<string> {
  const config = configOf(layers)
  const id = sha256(config)
  await put(join(root, 'image/overlay2/imagedb/content/sha256', id.slice(7)), config)
  const repositories = { Repositories: { shop: Object.fromEntries(names.map((name) => [name, id])) } }
  await put(join(root, 'image/overlay2/repositories.json'), Buffer.from(JSON.stringify(repositories)))
  let chain = ''
  for (const [at, layer] of layers.entries()) {
    chain =
      chain === ''
        ? sha256(layer)
        : `sha256:${createHash('sha256')
            .update(`${chain} ${sha256(layer)}`)
            .digest('hex')}`
    const place = join(root, 'image/overlay2/layerdb/sha256', chain.slice(7))
    await put(join(place, 'cache-id'), Buffer.from(`${folders}${at}`))
    await put(join(place, 'diff'), Buffer.from(sha256(layer)))
    await put(join(place, 'tar-split.json.gz'), gzipSync(await unpackLayer(layer, join(root, 'overlay2', `${folders}${at}`, 'diff'))))
  }
  return id
}

/** Unpacks as Docker does, and writes down what is no content (vbatts/tar-split). */
async function unpackLayer(layer: Buffer, folder: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true })
  const found: TarEntry[] = []
  const walk = walkTar({ visit: (entry) => (found.push(entry), false), take: () => {} }, 'layer')
  walk.push(layer)
  const lines: object[] = []
  let at = 0
  const segment = (end: number) => lines.push({ type: 2, payload: layer.subarray(at, end).toString('base64'), position: lines.length })
  for (const { path, kind, size, offset, target } of found) {
    const content = layer.subarray(offset, offset + size)
    const place = join(folder, cleanPath(path.replace(/^\/+/, '')) ?? 'nowhere')
    if (kind === 'symlink') await mkdir(dirname(place), { recursive: true }).then(() => symlink(target, place))
    if (kind !== 'file') continue
    segment(offset)
    at = offset + size
    // Some are written down by their bytes, as names that are not UTF-8 are.
    const name = lines.length % 4 === 1 ? { name: path } : { name_raw: Buffer.from(path).toString('base64') }
    lines.push({ type: 1, ...name, ...(size > 0 && { size }), payload: 'AAAAAAAAAAA=', position: lines.length })
    if (!(await isBelowLink(place, folder))) await put(place, content)
  }
  segment(layer.length)
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** What lies below a link is not written: that may lead anywhere. */
async function isBelowLink(place: string, folder: string): Promise<boolean> {
  for (let above = dirname(place); above.length > folder.length; above = dirname(above))
    if ((await lstat(above).catch(() => undefined))?.isDirectory() === false) return true
  return false
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
}
