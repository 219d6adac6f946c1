import { realpath, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { openDisk } from '../../../formats/disk/open-disk.ts'
import { rootOf } from '../../../formats/disk/root.ts'
import { readVolumes } from '../../../formats/disk/volumes.ts'
import { liveFolders, rootStarts } from '../../../kit/root-system.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { FileTree, ResourceSource } from '../../../model/seams.ts'

/** The disk of a machine in a file, read in place: nothing is mounted, and no right but to read the file is needed. */
export const disk = {
  id: 'disk',
  version: 1,
  title: 'Disk image',
  targets: ['disk'],
  async open({ value }, { account, region }) {
    const path = await fileAt(value)
    const opened = await openDisk(path).catch((thrown: unknown) => {
      throw worded(path, thrown)
    })
    try {
      const { volumes, gaps } = await readVolumes(opened)
      const doubts = opened.doubts.map((reason) => ({ path: 'disk', reason }))
      const { tree } = await rootOf(
        { volumes, gaps: [...doubts, ...gaps] },
        {
          starts: rootStarts,
          skip: (inside) => liveFolders.has(inside),
        },
      )
      const machine = await hostNameIn(tree)
      return {
        resource: {
          arn: `urn:openinspector:disk:${encodeURIComponent(hostname())}:${path.split('/').map(encodeURIComponent).join('/')}`,
          id: path,
          type: 'OPENINSPECTOR_HOST',
          account,
          region,
          tags: {},
          facts: { path, ...(machine !== undefined && { hostname: machine }) },
        },
        watch: opened.files,
        collect: async () => ({ is: 'files', tree }),
        close: opened.close,
      }
    } catch (thrown) {
      await opened.close()
      throw worded(path, thrown)
    }
  },
} satisfies ResourceSource

const worded = (path: string, thrown: unknown): unknown =>
  thrown instanceof AppError ? new AppError(thrown.code, `disk: ${path}: ${reasonOf(thrown)}`, { cause: thrown }) : thrown

async function fileAt(value: string): Promise<string> {
  const found = await stat(value).catch(() => undefined)
  if (found === undefined) throw new AppError('missing', `disk: expected a disk image, but there is nothing readable at ${resolve(value)}`)
  if (!found.isFile()) throw new AppError('invalid', `disk: expected a disk image at ${resolve(value)}, got no regular file`)
  return await realpath(value)
}

/** The name the machine calls itself by, where it is a name. */
async function hostNameIn(tree: FileTree): Promise<string | undefined> {
  try {
    const text = (await (await tree.open('etc/hostname'))?.text())?.trim()
    return text !== undefined && /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
