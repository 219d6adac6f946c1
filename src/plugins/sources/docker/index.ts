import { resolve } from 'node:path'
import { about } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'
import { findImage, repositoriesOf } from './docker-store.ts'

/** An image in the store of this machine's Docker, without asking its daemon. */
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
} satisfies ResourceSource

function parse(value: string): { readonly name: string; readonly root: string } {
  const mark = value.indexOf('?')
  const given = new URLSearchParams(mark < 0 ? '' : value.slice(mark + 1))
  const name = mark < 0 ? value : value.slice(0, mark)
  const root = given.get('root')
  if (name === '' || name.length > 512 || (mark >= 0 && (given.size !== 1 || !root)))
    throw new AppError(
      'invalid',
      `docker: expected NAME[:TAG], sha256:<64 hex digits>, or either with ?root=PATH, got ${JSON.stringify(value.slice(0, 300))}`,
    )
  return { name, root: resolve(root ?? '/var/lib/docker') }
}
