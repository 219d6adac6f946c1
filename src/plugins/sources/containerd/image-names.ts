import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { type BoltBucket, readBolt } from '../../../formats/bolt.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { StoredImages } from './content-store.ts'

/** What a name stands for in a namespace of containerd: the manifest or index with this digest. */
type NamedImage = { readonly namespace: string; readonly name: string; readonly digest: string }

/** Where containerd keeps names, below its root. */
export const namesFile = (root: string): string => join(root, 'io.containerd.metadata.v1.bolt/meta.db')

/** All names of a store, sorted (containerd, `metadata/buckets.go`: v1, namespace, images, name, target, digest). Throws AppError. */
async function namesIn(root: string, most: number): Promise<readonly NamedImage[]> {
  const path = await realpath(namesFile(root)).catch((thrown: NodeJS.ErrnoException) => {
    throw new AppError(
      thrown.code === 'ENOENT' ? 'missing' : 'denied',
      `containerd: ${namesFile(root)}, where names are, cannot be read (${thrown.code})`,
      { cause: thrown },
    )
  })
  const found = await readBolt(path, async (top) => {
    const images: NamedImage[] = []
    for (const [namespace, space] of await entriesOf(top, 'v1'))
      for (const [name, image] of await entriesOf(space, 'images')) {
        const digest = (await entriesOf(image, 'target')).get('digest')
        if (!Buffer.isBuffer(digest) || !/^sha256:[0-9a-f]{64}$/.test(digest.toString('latin1'))) continue
        if (images.push({ namespace, name, digest: digest.toString('latin1') }) > most)
          throw new AppError('invalid', `containerd: ${path} has more than ${most} names`)
      }
    return images
  })
  return found.sort((a, b) => compare(a.name, b.name) || compare(a.namespace, b.namespace))
}

async function entriesOf(within: Buffer | BoltBucket, name: string): Promise<ReadonlyMap<string, Buffer | BoltBucket>> {
  const inner = Buffer.isBuffer(within) ? undefined : (await within.entries()).get(name)
  return inner === undefined || Buffer.isBuffer(inner) ? new Map() : await inner.entries()
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** The digest that a name stands for. Throws AppError `missing`, also with what there is; `invalid` where namespaces do not agree. */
export async function namedDigest(root: string, name: string, namespace: string | undefined): Promise<string> {
  const names = (await namesIn(root, limits.images)).filter((one) => namespace === undefined || one.namespace === namespace)
  const found = [name, wholeName(name)].map((words) => names.filter((one) => one.name === words)).find(({ length }) => length > 0) ?? []
  const digests = new Set(found.map(({ digest }) => digest))
  if (digests.size > 1)
    throw new AppError(
      'invalid',
      `containerd: ${name} is not the same in each namespace: say ?namespace= with one of ${found.map((one) => one.namespace).join(', ')}`,
    )
  const [digest] = digests
  if (digest !== undefined) return digest
  const offered = [...new Set(names.map((one) => one.name))].filter(isTagged)
  const more = offered.length > 20 ? ` and ${offered.length - 20} more` : ''
  throw new AppError(
    'missing',
    `containerd: ${root} has no image ${name}${offered.length === 0 ? '' : `; it has ${offered.slice(0, 20).join(', ')}${more}`}`,
  )
}

/** The name by which a person knows each image, where there is one: one with a tag before others. Nothing where names cannot be read. */
export async function namesOfImages(
  root: string,
  { images, indexes }: StoredImages,
  namespace: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const names = await namesIn(root, limits.images).catch((thrown: unknown) => {
    if (thrown instanceof AppError && namespace === undefined) return []
    throw thrown
  })
  const known = new Set(images)
  const found = new Map<string, string>()
  const ofNamespace = names.filter((one) => namespace === undefined || one.namespace === namespace)
  for (const { name, digest } of [...ofNamespace.filter((one) => isTagged(one.name)), ...ofNamespace.filter((one) => isNamed(one.name))])
    for (const image of below(digest, indexes)) if (known.has(image) && !found.has(image)) found.set(image, name.replace(/@.*$/s, ''))
  return found
}

/** The interface of Kubernetes also notes images under their digest alone. */
const isNamed = (name: string): boolean => !name.startsWith('sha256:')
const isTagged = (name: string): boolean => isNamed(name) && !name.includes('@')

/** What an index lists, and the indexes among that; or the digest itself. */
function below(digest: string, indexes: StoredImages['indexes']): ReadonlySet<string> {
  const seen = new Set([digest])
  for (const one of seen) for (const inner of indexes.get(one) ?? []) seen.add(inner)
  return seen
}

/** As Docker's users write a name, with what goes without saying: `nginx` is `docker.io/library/nginx:latest`. */
function wholeName(name: string): string {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hosted = /[.:]/.test(first) || first === 'localhost' ? name : `docker.io/${slash < 0 ? `library/${name}` : name}`
  return hosted.includes('@') || hosted.lastIndexOf(':') > hosted.lastIndexOf('/') ? hosted : `${hosted}:latest`
}
