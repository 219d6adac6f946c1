import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { type Carrier, folderCarrier, type StoredFile } from '../../../formats/image/carrier.ts'
import { readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { blobName, digestOf, isConfigType, isLayerType, parseJson, readSmall } from '../../../formats/image/manifest.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'

const form = /^(sha256:[0-9a-f]{64})(?:\?root=(.+))?$/s
const all = /^(?:\?root=(.+))?$/s
const anywhere = '/var/lib/containerd'
const Document = z.object({ mediaType: z.string().optional(), manifests: z.unknown().optional() })

/** An image in the content store of this machine's containerd, by its digest, or all of them, without asking its daemon. */
export const containerd = {
  id: 'containerd',
  version: 1,
  title: "containerd's store",
  targets: ['containerd'],
  async open({ value }, { account, region, cache, signal }) {
    const [, digest, root = anywhere] = form.exec(value) ?? []
    if (digest === undefined)
      throw new AppError(
        'invalid',
        `containerd: expected sha256:<64 hex digits>, the digest that \`ctr images ls\` or \`nerdctl images --digests\` tells, or nothing for all images, got ${JSON.stringify(value.slice(0, 200))}; names are not read`,
      )
    const carrier = await storeCarrier(storeIn(root), digest)
    const { layers, gaps, createdAt, os, arch, digest: manifest } = await readImage(carrier, limits, { oursIsMeant: true })
    return {
      resource: {
        arn: `urn:openinspector:image:${manifest}`,
        id: manifest,
        type: 'OPENINSPECTOR_CONTAINER_IMAGE',
        account,
        region,
        tags: {},
        facts: {
          imageDigest: manifest,
          imageNames: [],
          ...(createdAt !== undefined && { imageCreatedAt: createdAt }),
          ...(os !== undefined && { platform: os }),
          ...(arch !== undefined && { arch }),
        },
      },
      collect: async () => ({ is: 'layers', layers: layers.map((layer) => checkedLayer(layer, cache, limits, signal)), gaps }),
    }
  },
  several: {
    has: (value) => all.test(value),
    async list(value) {
      const store = storeIn(all.exec(value)?.[1] ?? anywhere)
      const digests = await listImages(store)
      return { values: digests.map((digest) => `${digest}${value}`), watch: [join(store, 'blobs/sha256')] }
    },
  },
} satisfies ResourceSource

const storeIn = (root: string): string => join(resolve(root), 'io.containerd.content.v1.content')

/** Digests of the manifests of all images in a store, sorted: of each platform that is there. */
async function listImages(store: string): Promise<readonly string[]> {
  await refuseUnreadable(store)
  const blobs = await folderCarrier(store)
  const digests = (await readdir(join(store, 'blobs/sha256')).catch(() => []))
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((hex) => `sha256:${hex}`)
  const images: string[] = []
  for (const digest of digests.sort()) {
    const file = await blobs.find(blobName(digest))
    if (file === undefined || file.size > limits.manifestBytes || !(await isObject(file))) continue
    if (!isImage(await readSmall(file, blobs, limits))) continue
    if (images.push(digest) > limits.images) throw new AppError('invalid', `containerd: ${store} has more than ${limits.images} images`)
  }
  return images
}

async function isObject(file: StoredFile): Promise<boolean> {
  for await (const piece of file.read()) return piece[0] === 0x7b
  return false
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
async function storeCarrier(store: string, digest: string): Promise<Carrier> {
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
