import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { type Carrier, folderCarrier, type StoredFile } from '../../../formats/image/carrier.ts'
import { readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { blobName, digestOf, parseJson, readSmall } from '../../../formats/image/manifest.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'

const form = /^(sha256:[0-9a-f]{64})(?:\?root=(.+))?$/s
const Document = z.object({ mediaType: z.string().optional(), manifests: z.unknown().optional() })

/** An image in the content store of this machine's containerd, by its digest, without asking its daemon. */
export const containerd = {
  id: 'containerd',
  version: 1,
  title: "containerd's store",
  targets: ['containerd'],
  async open({ value }, { account, region, cache, signal }) {
    const [, digest, root = '/var/lib/containerd'] = form.exec(value) ?? []
    if (digest === undefined)
      throw new AppError(
        'invalid',
        `containerd: expected sha256:<64 hex digits>, the digest that \`ctr images ls\` or \`nerdctl images --digests\` tells, got ${JSON.stringify(value.slice(0, 200))}; names are not read`,
      )
    const store = join(resolve(root), 'io.containerd.content.v1.content')
    const carrier = await storeCarrier(store, digest)
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
} satisfies ResourceSource

/** The blobs lie as in an OCI layout; what is missing is the index, which here lists the one image that was named. */
async function storeCarrier(store: string, digest: string): Promise<Carrier> {
  await readdir(store).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EACCES' || thrown.code === 'EPERM')
      throw new AppError('denied', `containerd: ${store} may not be read: containerd's store is open to root only`, { cause: thrown })
    throw new AppError('missing', `containerd: there is no ${store}; expected a content store of containerd`, { cause: thrown })
  })
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
