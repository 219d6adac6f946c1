import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'

/** An entry of an archive to build: content for a file, `link` and `symlink` for links, a name ending in `/` for a folder. */
export type Entry = {
  readonly name: string
  readonly content?: string | Uint8Array
  readonly symlink?: string
  readonly link?: string
  readonly type?: Header['type']
  /** Permission bits; default 0644. */
  readonly mode?: number
  /** Extended header of pax. */
  readonly pax?: Readonly<Record<string, string>>
}

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { name, content = '', symlink, link, type, mode = 0o644, pax } of entries) {
    const kind = type ?? (symlink !== undefined ? 'symlink' : link !== undefined ? 'link' : name.endsWith('/') ? 'directory' : 'file')
    const linkname = symlink ?? link
    const header = { name, type: kind, mode, mtime: new Date(0), ...(linkname !== undefined && { linkname }), ...(pax && { pax }) }
    archive.entry(header, kind === 'file' ? Buffer.from(content) : '')
  }
  archive.finalize()
  const pieces: Buffer[] = []
  for await (const piece of archive) pieces.push(Buffer.from(piece as Uint8Array))
  return Buffer.concat(pieces)
}

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export type ImageParts = {
  /** Uncompressed tars, oldest first. */
  readonly layers: readonly Buffer[]
  readonly compression?: 'none' | 'gzip' | 'zstd'
  /** Changes the packed layers, before their digests are taken. */
  readonly press?: (packed: Buffer) => Buffer
  readonly platform?: { readonly os: string; readonly architecture: string }
  readonly name?: string
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const pressed = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
}
const suffix = { none: '', gzip: '+gzip', zstd: '+zstd' }

/** The files of an OCI layout with these images, by name. */
export function layoutFiles(images: readonly ImageParts[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>([['oci-layout', json({ imageLayoutVersion: '1.0.0' })]])
  const blob = (bytes: Buffer, mediaType: string) => {
    const digest = sha256(bytes)
    files.set(`blobs/${digest.replace(':', '/')}`, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const manifests = images.map(({ layers, compression = 'gzip', press = (packed) => packed, platform, name }) => {
    const config = blob(configOf(layers, platform), 'application/vnd.oci.image.config.v1+json')
    const stored = layers.map((layer) =>
      blob(press(pressed[compression](layer)), `application/vnd.oci.image.layer.v1.tar${suffix[compression]}`),
    )
    const manifest = blob(json({ schemaVersion: 2, config, layers: stored }), 'application/vnd.oci.image.manifest.v1+json')
    return { ...manifest, ...(platform && { platform }), ...(name && { annotations: { 'org.opencontainers.image.ref.name': name } }) }
  })
  return files.set('index.json', json({ schemaVersion: 2, manifests }))
}

export function configOf(layers: readonly Buffer[], platform: ImageParts['platform'] = { os: 'linux', architecture: 'amd64' }): Buffer {
  return json({ ...platform, created: '2026-01-02T03:04:05Z', rootfs: { type: 'layers', diff_ids: layers.map(sha256) } })
}

/** The files of what `docker save` writes for an image, by name. */
export function savedFiles(layers: readonly Buffer[], tags: readonly string[]): Map<string, Buffer> {
  const config = configOf(layers)
  const name = `${sha256(config).slice(7)}.json`
  const names = layers.map((layer) => `${sha256(layer).slice(7)}/layer.tar`)
  return new Map([
    ...layers.map((layer, i) => [names[i]!, layer] as const),
    [name, config],
    ['manifest.json', json([{ Config: name, RepoTags: tags, Layers: names }])],
  ])
}

export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<string> {
  for (const [name, bytes] of files) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
  return folder
}

export function archiveOf(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  return tarOf([...files].map(([name, content]) => ({ name, content })))
}
