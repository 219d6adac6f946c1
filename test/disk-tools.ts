import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry } from './archives.ts'

/** A tool of file systems, which ordinary users do not have in their path; undefined: it is not on this machine. */
function toolAt(name: string): string | undefined {
  return ['/sbin', '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        execFileSync(path, ['-V'], { stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    })
}

export const mke2fs = toolAt('mke2fs')
export const mkfsXfs = toolAt('mkfs.xfs')

/** A file system of the folder's content: links, pipes and sockets as they are. */
export async function extOf(folder: string, image: string, options: readonly string[] = ['-t', 'ext4']): Promise<void> {
  await rm(image, { force: true })
  execFileSync(mke2fs!, ['-q', ...options, '-d', folder, image, '16M'], { stdio: 'ignore' })
}

/** An XFS of these entries, without hard links, which no list for mkfs.xfs can say. The content is put into `beside`, from where it is taken. */
export async function xfsOf(entries: readonly Entry[], beside: string, image: string): Promise<void> {
  const top: Folder = new Map()
  for (const [at, entry] of entries.entries()) {
    const steps = entry.name.split('/').filter((step) => step !== '')
    const name = steps.pop()!
    let folder = top
    for (const step of steps) {
      const held = folder.get(step)
      if (held instanceof Map) folder = held
      else folder.set(step, (folder = new Map()))
    }
    if (entry.name.endsWith('/')) folder.set(name, folder.get(name) ?? new Map())
    else folder.set(name, await lineOf(entry, join(beside, `content-${at}`)))
  }
  const list = join(beside, 'list')
  await writeFile(list, `/dev/null\n0 0\nd--755 0 0\n${linesOf(top)}`)
  await rm(image, { force: true })
  // The variables let it make one this small.
  const env = { ...process.env, TEST_DIR: '1', TEST_DEV: '1', QA_CHECK_FS: '1' }
  execFileSync(mkfsXfs!, ['-q', '-d', `size=32m,file,name=${image}`, '-p', list], { stdio: 'ignore', env })
}

type Folder = Map<string, string | Folder>

async function lineOf({ content = '', symlink, type, mode = 0o644 }: Entry, at: string): Promise<string> {
  if (symlink !== undefined) return `l--777 0 0 ${symlink}`
  if (type === 'fifo') return 'p--644 0 0'
  if (type === 'character-device') return 'c--644 0 0 1 3'
  await writeFile(at, content)
  return `---${mode.toString(8).padStart(3, '0')} 0 0 ${at}`
}

function linesOf(folder: Folder): string {
  const lines = [...folder].map(([name, held]) => (typeof held === 'string' ? `${name} ${held}\n` : `${name} d--755 0 0\n${linesOf(held)}`))
  return `${lines.join('')}$\n`
}
