import { resolve } from 'node:path'
import { readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { openCarrier } from '../../../formats/image/open-carrier.ts'
import { limits } from '../../../kit/limits.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** A container image in a file or a folder: OCI layout, OCI archive, `docker save`. */
export const image = {
  id: 'image',
  version: 1,
  title: 'Container image',
  targets: ['image'],
  async open({ value }, { account, region, cache, signal }) {
    const path = resolve(value)
    const carrier = await openCarrier(path, limits, { cache, signal })
    try {
      const { digest, names, createdAt, os, arch, layers, gaps } = await readImage(carrier, limits)
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
} satisfies ResourceSource
