import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Archive, type ArchiveNode, archiveTree } from '../../../formats/archive/archive-tree.ts'
import { openArchive } from '../../../formats/archive/open-archive.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** Where AWS Lambda puts a function's own files, and those of its layers. */
const [own, shared] = ['var/task', 'opt']

/** A function of AWS Lambda as it is deployed: a zip archive, and those of its layers, in the order in which it names them. */
export const lambda = {
  id: 'lambda',
  version: 1,
  title: 'Lambda archive',
  targets: ['lambda'],
  async open({ value }, { account, region, signal }) {
    const paths = await Promise.all(value.split(',').map((path) => realpath(path).catch(() => resolve(path))))
    const [path = '', ...layers] = paths
    const opened: Archive[] = []
    const close = async () => void (await Promise.all(opened.map((one) => one.close())))
    try {
      for (const one of paths) opened.push(await openZip(one, signal))
      const machine = hostname()
      const codeSha256 = await sha256Of(path)
      return {
        resource: {
          arn: `urn:openinspector:lambda:${encodeURIComponent(machine)}:${paths.map((one) => one.split('/').map(encodeURIComponent).join('/')).join(',')}`,
          id: path,
          type: 'OPENINSPECTOR_DIRECTORY',
          account,
          region,
          tags: {},
          facts: { hostname: machine, path, lambda: { packageType: 'ZIP', codeSha256, ...(layers.length > 0 && { layers }) } },
        },
        watch: paths,
        collect: async () => ({ is: 'files', tree: archiveTree(deployed(opened), limits) }),
        close,
      }
    } catch (thrown) {
      await close()
      throw thrown
    }
  },
} satisfies ResourceSource

async function openZip(path: string, signal: AbortSignal | undefined): Promise<Archive> {
  if (!/\.(?:zip|jar)$/i.test(path)) throw new AppError('invalid', `lambda: expected a .zip (or .jar) at ${path}`)
  return await openArchive(path, limits, signal)
}

/** The file system a function sees: a later layer's file stands for an earlier one's. */
function deployed([code, ...layers]: readonly Archive[]): Pick<Archive, 'nodes' | 'gaps'> {
  const nodes = new Map<string, ArchiveNode>()
  const gaps: Archive['gaps'][number][] = []
  const add = (archive: Archive, root: string) => {
    for (const [path, node] of archive.nodes) nodes.set(`${root}/${path}`, node)
    for (const { path, reason } of archive.gaps) gaps.push({ path: path === '' ? root : `${root}/${path}`, reason })
  }
  for (const layer of layers) add(layer, shared)
  if (code !== undefined) add(code, own)
  return { nodes, gaps }
}

/** As Lambda itself tells the digest of a function's code. */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('base64')
}
