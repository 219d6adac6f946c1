import { resolve } from 'node:path'
import type { Choice } from '../../../formats/image/choose.ts'
import { imagesIn, readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { openCarrier } from '../../../formats/image/open-carrier.ts'
import { parsePlatform } from '../../../formats/image/platform.ts'
import { limits } from '../../../kit/limits.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** A container image in a file or a folder: OCI layout, OCI archive, `docker save`. */
export const image = {
  id: 'image',
  version: 1,
  title: 'Container image',
  targets: ['image'],
  async open({ value }, { account, region, cache, signal }) {
    const { path, choice } = parse(value)
    const carrier = await openCarrier(path, limits, { cache, signal })
    try {
      const { digest, names, createdAt, os, arch, layers, gaps } = await readImage(carrier, limits, choice === 'all' ? {} : choice)
      return {
        resource: {
          arn: `urn:openinspector:image:${digest}`,
          id: names[0] ?? digest,
          type: 'OPENINSPECTOR_CONTAINER_IMAGE',
          account,
          region,
          tags: {},
          facts: {
            path,
            imageDigest: digest,
            imageNames: names,
            ...(createdAt !== undefined && { imageCreatedAt: createdAt }),
            ...(os !== undefined && { platform: os }),
            ...(arch !== undefined && { arch }),
          },
        },
        watch: [path],
        collect: async () => ({ is: 'layers', layers: layers.map((layer) => checkedLayer(layer, cache, limits, signal)), gaps }),
        close: carrier.close,
      }
    } catch (thrown) {
      await carrier.close()
      throw thrown
    }
  },
  several: {
    has: (value) => parse(value).choice === 'all',
    async list(value, { cache, signal }) {
      const { path } = parse(value)
      const carrier = await openCarrier(path, limits, { cache, signal })
      try {
        const digests = await imagesIn(carrier, limits)
        return { values: digests.map((digest) => `${path}?digest=${digest}`), watch: [path] }
      } finally {
        await carrier.close()
      }
    },
  },
} satisfies ResourceSource

/** `PATH?platform=all`, `PATH?platform=OS/ARCH`, `PATH?digest=sha256:...`. Whatever else follows a question mark is of the path. */
function parse(value: string): { readonly path: string; readonly choice: Choice | 'all' } {
  const [, before = value, digest, platform] = /^(.+)\?(?:digest=(sha256:[0-9a-f]{64})|platform=([a-z0-9/]{1,98}))$/s.exec(value) ?? []
  const path = resolve(before)
  if (digest !== undefined) return { path, choice: { digest } }
  if (platform === undefined || platform === 'all') return { path, choice: platform ?? {} }
  const wanted = parsePlatform(platform)
  return wanted === undefined ? { path: resolve(value), choice: {} } : { path, choice: { wanted } }
}
