import { createHash } from 'node:crypto'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { fingerprintOf } from '../../../formats/image/carrier.ts'
import { digestOf, ImageConfig, parseJson } from '../../../formats/image/manifest.ts'
import type { StoredLayer } from '../../../formats/image/image.ts'
import { readBoundedFile } from '../../../kit/bounded-file.ts'
import type { Limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import { reassembled } from './tar-split.ts'

/** `image/overlay2/repositories.json`: by repository, names and the digests of the configurations they stand for. */
const Repositories = z.object({ Repositories: z.record(z.string(), z.record(z.string(), z.string())).default({}) })
const digestForm = /^sha256:[0-9a-f]{64}$/

/** An image in Docker's store. */
export type DockerImage = {
  /** Of its configuration, which Docker calls the image's id. */
  readonly digest: string
  readonly names: readonly string[]
  readonly config: ImageConfig
  readonly layers: readonly StoredLayer[]
}

/** File of the names, whose change means that images came or went. */
export const repositoriesOf = (root: string): string => join(root, 'image/overlay2/repositories.json')

/** Finds an image by name or id in the store that Docker's driver overlay2 keeps below `root`. Throws AppError. */
export async function findImage(root: string, asked: string, limits: Limits, signal?: AbortSignal): Promise<DockerImage> {
  const byName = await namesIn(root, limits)
  const digest = digestForm.test(asked) ? asked : byName.get(nameFor(asked))
  if (digest === undefined || !digestForm.test(digest))
    throw new AppError('missing', `docker: ${root} has no image ${asked}${offered([...byName.keys()])}`)
  const bytes = await readOwn(join(root, 'image/overlay2/imagedb/content/sha256', digest.slice(7)), limits.manifestBytes)
  if (digestOf(bytes) !== digest)
    throw new AppError('invalid', `docker: the configuration of ${asked} is damaged: its digest is ${digestOf(bytes)}`)
  const config = parseJson(bytes, ImageConfig, `the configuration of ${asked}`)
  const { diff_ids: diffIds } = config.rootfs
  if (diffIds.length > limits.layers)
    throw new AppError('invalid', `docker: ${asked} is an image of ${diffIds.length} layers, at most ${limits.layers} are read`)
  const names = [...byName].filter(([, of]) => of === digest).map(([name]) => name)
  const layers = await Promise.all(chainOf(diffIds).map(({ diffId, chainId }) => layerIn(root, diffId, chainId, limits, signal)))
  return { digest, names: names.sort().slice(0, 100), config, layers }
}

/**
 * What names each image of a store, sorted: its id. Not those without a name on which others were built: Docker's old builder
 * leaves one for each step. Throws AppError.
 */
export async function listImages(root: string, limits: Limits): Promise<readonly string[]> {
  const byName = await namesIn(root, limits)
  const images = join(root, 'image/overlay2/imagedb')
  const held = (await listOwn(join(images, 'content/sha256'))).filter((name) => /^[0-9a-f]{64}$/.test(name))
  if (held.length > limits.images) throw new AppError('invalid', `docker: ${root} has more than ${limits.images} images`)
  const inner = new Set<string>()
  for (const hex of held) inner.add(await parentOf(join(images, 'metadata/sha256', hex, 'parent')))
  // A name that stands for nothing is told by whoever looks for its image.
  const named = [...byName].map(([name, digest]) => (digestForm.test(digest) ? digest : name))
  return [...new Set([...named, ...held.map((hex) => `sha256:${hex}`).filter((id) => !inner.has(id))])].sort()
}

/** Absent: it was built on no image of this store. */
async function parentOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  return real === undefined ? '' : (await readOwn(real, 256)).toString('utf8').trim()
}

/** By name, what it stands for. */
async function namesIn(root: string, limits: Limits): Promise<ReadonlyMap<string, string>> {
  const path = repositoriesOf(root)
  const { Repositories: repositories } = parseJson(await readOwn(path, limits.manifestBytes), Repositories, path)
  return new Map(Object.values(repositories).flatMap((names) => Object.entries(names)))
}

/** OCI image specification, config.md, "Layer ChainID": a layer upon those below it. */
function chainOf(diffIds: readonly string[]): readonly { readonly diffId: string; readonly chainId: string }[] {
  let chainId = ''
  return diffIds.map((diffId) => {
    chainId = chainId === '' ? diffId : `sha256:${createHash('sha256').update(`${chainId} ${diffId}`).digest('hex')}`
    return { diffId, chainId }
  })
}

async function layerIn(root: string, diffId: string, chainId: string, limits: Limits, signal?: AbortSignal): Promise<StoredLayer> {
  const place = join(root, 'image/overlay2/layerdb/sha256', chainId.slice(7))
  const cacheId = (await readOwn(join(place, 'cache-id'), 256)).toString('utf8').trim()
  if (!/^[0-9a-z]{1,128}$/.test(cacheId)) throw new AppError('invalid', `${place}: expected the name of a folder in cache-id`)
  const folder = join(root, 'overlay2', cacheId, 'diff')
  const split = join(place, 'tar-split.json.gz')
  const real = await realpath(split).catch(() => undefined)
  if (real === undefined) throw new AppError('missing', `docker: there is no ${split}, without which a layer cannot be put together again`)
  // Docker writes a layer once: what changes it changes these, or is no tool of Docker's.
  const fingerprint = async () =>
    [fingerprintOf(real, await lstat(real, { bigint: true }), 0), fingerprintOf(folder, await lstat(folder, { bigint: true }), 0)].join(' ')
  async function* read(from = 0): AsyncIterable<Uint8Array> {
    let before = from
    for await (const piece of reassembled(real!, folder, limits, signal)) {
      const rest = piece.subarray(Math.min(before, piece.length))
      before -= piece.length - rest.length
      if (rest.length > 0) yield rest
    }
  }
  return { diffId, file: { name: `overlay2/${cacheId}`, fingerprint, read } }
}

/** As Docker writes names: without its own registry, and with a tag. */
function nameFor(asked: string): string {
  const short = asked.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '')
  return short.includes('@') || short.lastIndexOf(':') > short.lastIndexOf('/') ? short : `${short}:latest`
}

function offered(names: readonly string[]): string {
  const tags = names.filter((name) => !name.includes('@')).sort()
  if (tags.length === 0) return ', nor any other that has a name'
  return `; it has ${tags.slice(0, 20).join(', ')}${tags.length > 20 ? ` and ${tags.length - 20} more` : ''}`
}

const readOwn = (path: string, most: number): Promise<Buffer> => ofDocker(path, async () => readBoundedFile(await realpath(path), most))
const listOwn = (path: string): Promise<readonly string[]> => ofDocker(path, () => readdir(path))

async function ofDocker<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    if (code === 'EACCES' || code === 'EPERM')
      throw new AppError('denied', `docker: ${path} may not be read: Docker's store is open to root only`, { cause: thrown })
    throw new AppError('missing', `docker: there is no ${path}; expected a store of Docker's driver overlay2`, { cause: thrown })
  }
}
