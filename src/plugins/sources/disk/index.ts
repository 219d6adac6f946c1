import { realpath, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type OpenDisk, openDisk } from '../../../formats/disk/open-disk.ts'
import { rootOf } from '../../../formats/disk/root.ts'
import { readVolumes } from '../../../formats/disk/volumes.ts'
import { liveFolders, rootStarts } from '../../../kit/root-system.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'
import type { FileTree, ResourceSource } from '../../../model/seams.ts'

/** The disk of a machine in a file, or all its disks, read in place: nothing is mounted, and no right but to read the file is needed. */
export const disk = {
  id: 'disk',
  version: 1,
  title: 'Disk image',
  targets: ['disk'],
  async open({ value }, { account, region }) {
    const paths = await pathsIn(value)
    const path = paths[0]!
    const { disks, close } = await openDisks(paths)
    try {
      const { volumes, gaps } = await readVolumes(...disks)
      const doubts = disks.flatMap((one, at) =>
        one.doubts.map((reason) => ({ path: disks.length === 1 ? 'disk' : `disk ${at + 1}`, reason })),
      )
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
          arn: `urn:openinspector:disk:${encodeURIComponent(hostname())}:${paths.map((one) => one.split('/').map(encodeURIComponent).join('/')).join(',')}`,
          id: path,
          type: 'OPENINSPECTOR_HOST',
          account,
          region,
          tags: {},
          facts: { path, ...(machine !== undefined && { hostname: machine }) },
        },
        watch: disks.flatMap(({ files }) => files),
        collect: async () => ({ is: 'files', tree }),
        close,
      }
    } catch (thrown) {
      await close()
      throw worded(path, thrown)
    }
  },
} satisfies ResourceSource

/** Several disks of one machine are parted by commas; a file that has one in its name is a disk by itself. */
async function pathsIn(value: string): Promise<readonly string[]> {
  const single = !value.includes(',') || (await stat(value).catch(() => undefined))?.isFile() === true
  const paths = await Promise.all((single ? [value] : value.split(',')).map(fileAt))
  const twice = paths.find((path, at) => paths.indexOf(path) !== at)
  if (twice === undefined) return paths
  throw new AppError('invalid', `disk: expected each disk once, got ${twice} twice`)
}

async function openDisks(paths: readonly string[]): Promise<{ readonly disks: readonly OpenDisk[]; close(): Promise<void> }> {
  const disks: OpenDisk[] = []
  const close = async () => void (await Promise.all(disks.map((one) => one.close())))
  for (const path of paths)
    try {
      disks.push(await openDisk(path))
    } catch (thrown) {
      await close()
      throw worded(path, thrown)
    }
  return { disks, close }
}

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
