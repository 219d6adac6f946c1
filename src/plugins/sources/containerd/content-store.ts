import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { type Carrier, folderCarrier, type StoredFile } from '../../../formats/image/carrier.ts'
import { blobName, digestOf, isConfigType, isLayerType, parseJson, readSmall } from '../../../formats/image/manifest.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'

const Document = z.object({ mediaType: z.string().optional(), manifests: z.unknown().optional() })

/** Where containerd keeps content, below its root. */
export const storeIn = (root: string): string => join(root, 'io.containerd.content.v1.content')

/** What a store holds: digests of the manifests of images, of each platform that is there, sorted; and what each index lists. */
export type StoredImages = { readonly images: readonly string[]; readonly indexes: ReadonlyMap<string, readonly string[]> }

export async function imagesIn(store: string): Promise<StoredImages> {
  await refuseUnreadable(store)
  const blobs = await folderCarrier(store)
  const digests = (await readdir(blobsOf(store)).catch(() => []))
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((hex) => `sha256:${hex}`)
  const images: string[] = []
  const indexes = new Map<string, readonly string[]>()
  for (const digest of digests.sort()) {
    const file = await blobs.find(blobName(digest))
    if (file === undefined || file.size > limits.manifestBytes || !(await isObject(file))) continue
    const bytes = await readSmall(file, blobs, limits)
    const listed = indexOf(bytes)
    if (listed !== undefined) indexes.set(digest, listed)
    else if (isImage(bytes)) images.push(digest)
    if (images.length > limits.images) throw new AppError('invalid', `containerd: ${store} has more than ${limits.images} images`)
  }
  return { images, indexes }
}

/** The folder whose change means that content came or went. */
export const blobsOf = (store: string): string => join(store, 'blobs/sha256')

async function isObject(file: StoredFile): Promise<boolean> {
  for await (const piece of file.read()) return piece[0] === 0x7b
  return false
}

const Index = z.object({ manifests: z.array(z.object({ digest: z.string() })) })

function indexOf(bytes: Buffer): readonly string[] | undefined {
  try {
    return Index.safeParse(JSON.parse(bytes.toString('utf8'))).data?.manifests.map(({ digest }) => digest)
  } catch {
    return undefined
  }
}

const Typed = z.object({ mediaType: z.string() })
const Manifest = z.object({ config: Typed, layers: z.array(Typed) })

/** The manifest of an image, and not of what is attested of one. What is damaged may be one: whoever reads it tells. */
function isImage(bytes: Buffer): boolean {
  try {
    const { data } = Manifest.safeParse(JSON.parse(bytes.toString('utf8')))
    if (data === undefined || !isConfigType(data.config.mediaType)) return false
    return data.layers.length === 0 || data.layers.some(({ mediaType }) => isLayerType(mediaType))
  } catch {
    return true
  }
}

async function refuseUnreadable(store: string): Promise<void> {
  await readdir(store).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EACCES' || thrown.code === 'EPERM')
      throw new AppError('denied', `containerd: ${store} may not be read: containerd's store is open to root only`, { cause: thrown })
    throw new AppError('missing', `containerd: there is no ${store}; expected a content store of containerd`, { cause: thrown })
  })
}

/** The blobs lie as in an OCI layout; what is missing is the index, which here lists the one image that was named. */
export async function storeCarrier(store: string, digest: string): Promise<Carrier> {
  await refuseUnreadable(store)
  const blobs = await folderCarrier(store)
  const file = await blobs.find(blobName(digest))
  if (file === undefined) throw new AppError('missing', `containerd: ${store} has no ${digest}`)
  const document = parseJson(await readSmall(file, blobs, limits, digest), Document, `${store}: ${blobName(digest)}`)
  const kind = document.manifests === undefined ? 'manifest' : 'index'
  const mediaType = document.mediaType ?? `application/vnd.oci.image.${kind}.v1+json`
  const index = Buffer.from(JSON.stringify({ manifests: [{ mediaType, digest, size: file.size }] }))
  const listed: StoredFile = {
    name: 'index.json',
    size: index.length,
    fingerprint: async () => digestOf(index),
    read: async function* (from = 0) {
      yield index.subarray(from)
    },
  }
  return {
    ...blobs,
    find: async (name) => (name === 'index.json' ? listed : name.startsWith('blobs/') ? await blobs.find(name) : undefined),
  }
}
