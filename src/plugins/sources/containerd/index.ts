import { resolve } from 'node:path'
import { readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'
import { blobsOf, imagesIn, storeCarrier, storeIn } from './content-store.ts'
import { namedDigest, namesFile, namesOfImages } from './image-names.ts'

/** An image in the content store of this machine's containerd, by name or digest, or all of them, without asking its daemon. */
export const containerd = {
  id: 'containerd',
  version: 1,
  title: "containerd's store",
  targets: ['containerd'],
  async open({ value }, { account, region, cache, signal }) {
    const { name, root, namespace, ...asked } = parse(value)
    const digest = asked.digest ?? (await namedDigest(root, name, namespace))
    const carrier = await storeCarrier(storeIn(root), digest)
    const { layers, gaps, createdAt, os, arch, digest: manifest } = await readImage(carrier, limits, { oursIsMeant: true })
    return {
      resource: {
        arn: `urn:openinspector:image:${manifest}`,
        id: name === '' ? manifest : name,
        type: 'OPENINSPECTOR_CONTAINER_IMAGE',
        account,
        region,
        tags: {},
        facts: {
          imageDigest: manifest,
          imageNames: name === '' ? [] : [name],
          ...(createdAt !== undefined && { imageCreatedAt: createdAt }),
          ...(os !== undefined && { platform: os }),
          ...(arch !== undefined && { arch }),
        },
      },
      ...(asked.digest === undefined && { watch: [namesFile(root)] }),
      collect: async () => ({ is: 'layers', layers: layers.map((layer) => checkedLayer(layer, cache, limits, signal)), gaps }),
    }
  },
  several: {
    has: (value) => value === '' || value.startsWith('?'),
    async list(value) {
      const { root, namespace } = parse(value)
      const store = storeIn(root)
      const stored = await imagesIn(store)
      const names = await namesOfImages(root, stored, namespace)
      // Of one namespace only what has a name there; content knows of none.
      const images = namespace === undefined ? stored.images : stored.images.filter((digest) => names.has(digest))
      return {
        values: images.map((digest) => `${names.has(digest) ? `${names.get(digest)}@` : ''}${digest}${value}`),
        watch: [blobsOf(store), namesFile(root)],
      }
    },
  },
} satisfies ResourceSource

type Asked = {
  /** Empty: none was given. */
  readonly name: string
  readonly digest?: string
  readonly root: string
  readonly namespace?: string
}

/** `NAME[:TAG]`, `sha256:...`, both with `@` between them, or nothing; then `?root=PATH`, `?namespace=NAME`, or both. */
function parse(value: string): Asked {
  const mark = value.indexOf('?')
  const given = new URLSearchParams(mark < 0 ? '' : value.slice(mark + 1))
  const image = mark < 0 ? value : value.slice(0, mark)
  const [, name = image, digest] = /^(?:(.+)@)?(sha256:[0-9a-f]{64})$/.exec(image) ?? []
  const [root, namespace] = [given.get('root'), given.get('namespace')]
  const known = [root, namespace].filter((one) => one !== null)
  if (image.length > 512 || given.size !== known.length || known.includes('') || (mark >= 0 && known.length === 0))
    throw new AppError(
      'invalid',
      `containerd: expected NAME[:TAG], sha256:<64 hex digits>, or nothing for all images, each also with ?root=PATH and ?namespace=NAME, got ${JSON.stringify(value.slice(0, 300))}`,
    )
  return {
    name: digest !== undefined && name === image ? '' : name,
    ...(digest !== undefined && { digest }),
    root: resolve(root ?? '/var/lib/containerd'),
    ...(namespace !== null && { namespace }),
  }
}
