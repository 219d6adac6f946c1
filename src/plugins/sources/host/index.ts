import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { folderTree } from '../../../kit/folder-tree.ts'
import type { FileTree, ResourceSource } from '../../../model/seams.ts'
import { hostFacts } from './facts.ts'
import { hostId } from './identity.ts'
import { readMounts } from './mounts.ts'

/** Operating system first, so that a tree past its limit costs the least telling part. */
const starts = ['etc', 'var/lib', 'usr', 'opt', 'srv', 'app', 'var/www', 'var/opt', 'home', 'root']

/** Below these lies no package of this host, or what belongs to another resource. */
const skippedPaths = new Set([
  'usr/include',
  'usr/share/doc',
  'usr/share/icons',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/man',
  'usr/share/zoneinfo',
  'usr/src',
  'var/lib/apt/lists',
  'var/lib/containerd',
  'var/lib/containers',
  'var/lib/docker',
  'var/lib/kubelet',
  'var/lib/lxc',
  'var/lib/lxd',
  'var/lib/libvirt',
  'var/lib/machines',
  'var/lib/mysql',
  'var/lib/postgresql',
  'var/lib/rancher',
  'var/lib/systemd',
])
const skippedNames = new Set(['.git', '.hg', '.svn', '.cache', '.npm', '.Trash', '.snapshots', 'lost+found'])

/** Where package managers keep their word; a change there means that a new look is due. */
const databases = ['/var/lib/dpkg/status', '/var/lib/rpm', '/usr/lib/sysimage/rpm', '/lib/apk/db/installed']

/** Enough for any machine that installs its software in the usual places, few enough to list in seconds. */
const ENTRIES = 1_500_000

/** The machine we run on. */
export const host = {
  id: 'host',
  version: 1,
  title: 'This host',
  targets: ['host'],
  async open(_target, { account, region, exclude }) {
    const name = hostname()
    const { facts, gaps } = await hostFacts(name)
    return {
      resource: {
        arn: `urn:openinspector:host:${await hostId('/etc/machine-id', name)}`,
        id: name,
        type: 'OPENINSPECTOR_HOST',
        account,
        region,
        tags: {},
        facts,
      },
      watch: databases.filter((path) => existsSync(path)),
      async collect() {
        const { foreign, remote } = await readMounts('/proc/self/mountinfo')
        const notOurs = new Set([...(exclude ?? []), ...foreign])
        const skip = (path: string, folder: string) => skippedPaths.has(path) || skippedNames.has(folder) || notOurs.has(`/${path}`)
        // What is mounted right at one of the usual places (a /usr in memory) is this host's, unless another machine serves it.
        const near = starts.filter((start) => !remote.some((point) => `/${start}/`.startsWith(`${point}/`)))
        const tree = await folderTree('/', { links: 'root', starts: near, skip, limits: { entries: ENTRIES } })
        return { is: 'files', tree: telling(tree, gaps) }
      },
    }
  },
} satisfies ResourceSource

/** The same tree, which also tells what the facts could not show. */
function telling(tree: FileTree, gaps: readonly { readonly path: string; readonly reason: string }[]): FileTree {
  return {
    entries(onGap) {
      gaps.forEach(onGap)
      return tree.entries(onGap)
    },
    open: tree.open,
  }
}
