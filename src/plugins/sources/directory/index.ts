import { realpath, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { folderTree } from '../../../kit/folder-tree.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'
import { gitCheckout } from './git-checkout.ts'

/** Version control keeps other states of the project: nothing in there is installed. */
const skipped = new Set(['.git', '.hg', '.svn'])

/** A folder of this machine: a project with its lockfiles and what is installed below it. */
export const directory = {
  id: 'directory',
  version: 1,
  title: 'Directory',
  targets: ['dir'],
  async open({ value }, { account, region, exclude }) {
    const path = await folderAt(value)
    const machine = hostname()
    const checkout = await gitCheckout(path)
    return {
      resource: {
        arn: `urn:openinspector:directory:${encodeURIComponent(machine)}:${path.split('/').map(encodeURIComponent).join('/')}`,
        id: path,
        type: 'OPENINSPECTOR_DIRECTORY',
        account,
        region,
        tags: {},
        facts: { hostname: machine, path, ...(checkout && { git: checkout.facts }) },
      },
      watch: [path, ...(checkout?.watch ?? [])],
      async collect() {
        const ours = new Set(exclude)
        const skip = (inside: string, name: string) => skipped.has(name) || ours.has(resolve(path, inside))
        return { is: 'files', tree: await folderTree(path, { links: 'inside', skip }) }
      },
    }
  },
} satisfies ResourceSource

/** The folder's own path, links resolved, so that one folder is one resource. */
async function folderAt(value: string): Promise<string> {
  const found = await stat(value).catch(() => undefined)
  if (found === undefined) throw new AppError('missing', `dir: expected a folder, but there is nothing readable at ${resolve(value)}`)
  if (!found.isDirectory()) throw new AppError('invalid', `dir: expected a folder at ${resolve(value)}, got a file`)
  return await realpath(value)
}
