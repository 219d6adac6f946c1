import { existsSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { folderTree } from '../../../kit/folder-tree.ts'
import { liveFolders, rootStarts } from '../../../kit/root-system.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** Where a change means that packages came or went. */
const databases = ['var/lib/dpkg/status', 'var/lib/dpkg/status.d']

/** A root file system in a folder: an unpacked image, a mounted disk. Links mean what they mean to the system inside. */
export const rootfs = {
  id: 'rootfs',
  version: 1,
  title: 'Root file system',
  targets: ['rootfs'],
  async open({ value }, { account, region, exclude }) {
    const path = await folderAt(value)
    const machine = hostname()
    return {
      resource: {
        arn: `urn:openinspector:rootfs:${encodeURIComponent(machine)}:${path.split('/').map(encodeURIComponent).join('/')}`,
        id: path,
        type: 'OPENINSPECTOR_DIRECTORY',
        account,
        region,
        tags: {},
        facts: { hostname: machine, path },
      },
      watch: [path, ...databases.map((inside) => join(path, inside)).filter((file) => existsSync(file))],
      async collect() {
        const ours = new Set(exclude)
        const skip = (inside: string) => liveFolders.has(inside) || ours.has(join(path, inside))
        return { is: 'files', tree: await folderTree(path, { links: 'root', starts: rootStarts, skip }) }
      },
    }
  },
} satisfies ResourceSource

async function folderAt(value: string): Promise<string> {
  const found = await stat(value).catch(() => undefined)
  if (found === undefined) throw new AppError('missing', `rootfs: expected a folder, but there is nothing readable at ${resolve(value)}`)
  if (!found.isDirectory()) throw new AppError('invalid', `rootfs: expected a folder at ${resolve(value)}, got a file`)
  return await realpath(value)
}
