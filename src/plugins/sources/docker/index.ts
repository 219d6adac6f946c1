import { resolve } from 'node:path'
import { about } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'
import { findImage, listImages, repositoriesOf } from './docker-store.ts'

/** An image in the store of this machine's Docker, or all of them, without asking its daemon. */
export const docker = {
  id: 'docker',
  version: 1,
  title: "Docker's store",
  targets: ['docker'],
  async open({ value }, { account, region, cache, signal }) {
    const { name, root } = parse(value)
    const { digest, names, config, layers } = await findImage(root, name, limits, signal)
    const { createdAt, os, arch } = about(config)
    return {
      resource: {
        arn: `urn:openinspector:image:${digest}`,
        id: names[0] ?? digest,
        type: 'OPENINSPECTOR_CONTAINER_IMAGE',
        account,
        region,
        tags: {},
        facts: {
          imageDigest: digest,
          imageNames: names,
          ...(createdAt !== undefined && { imageCreatedAt: createdAt }),
          ...(os !== undefined && { platform: os }),
          ...(arch !== undefined && { arch }),
        },
      },
      watch: [repositoriesOf(root)],
      collect: async () => ({ is: 'layers', layers: layers.map((layer) => checkedLayer(layer, cache, limits, signal)), gaps: [] }),
    }
  },
  several: {
    has: (value) => value === '' || value.startsWith('?'),
    async list(value) {
      const root = rootOf(value)
      const images = await listImages(root, limits)
      return { values: images.map((image) => `${image}${value}`), watch: [repositoriesOf(root)] }
    },
  },
} satisfies ResourceSource

function parse(value: string): { readonly name: string; readonly root: string } {
  const mark = value.indexOf('?')
  const name = mark < 0 ? value : value.slice(0, mark)
  if (name === '' || name.length > 512) throw notAsExpected(value)
  return { name, root: rootOf(value) }
}

function rootOf(value: string): string {
  const mark = value.indexOf('?')
  if (mark < 0) return '/var/lib/docker'
  const given = new URLSearchParams(value.slice(mark + 1))
  const root = given.get('root')
  if (given.size !== 1 || !root) throw notAsExpected(value)
  return resolve(root)
}

const notAsExpected = (value: string) =>
  new AppError(
    'invalid',
    `docker: expected NAME[:TAG], sha256:<64 hex digits>, or nothing for all images, each also with ?root=PATH, got ${JSON.stringify(value.slice(0, 300))}`,
  )
