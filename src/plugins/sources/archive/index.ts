import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { archiveTree } from '../../../formats/archive/archive-tree.ts'
import { openArchive } from '../../../formats/archive/open-archive.ts'
import { limits } from '../../../kit/limits.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** An archive of a project or of a root file system, read where it lies: tar, tar in gzip or zstd, zip. */
export const archive = {
  id: 'archive',
  version: 1,
  title: 'Archive',
  targets: ['archive'],
  async open({ value }, { account, region, signal }) {
    const path = await realpath(value).catch(() => resolve(value))
    const opened = await openArchive(path, limits, signal)
    const machine = hostname()
    return {
      resource: {
        arn: `urn:openinspector:archive:${encodeURIComponent(machine)}:${path.split('/').map(encodeURIComponent).join('/')}`,
        id: path,
        type: 'OPENINSPECTOR_DIRECTORY',
        account,
        region,
        tags: {},
        facts: { hostname: machine, path },
      },
      watch: [path],
      collect: async () => ({ is: 'files', tree: archiveTree(opened, limits) }),
      close: opened.close,
    }
  },
} satisfies ResourceSource
