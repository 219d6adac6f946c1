import { constants, createReadStream } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { readBoundedFile } from '../../../kit/bounded-file.ts'

const hashForm = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
/** A ref may stand for another; git itself gives up here. */
const MOST_STEPS = 5
const SMALL = 4 << 10
/** Bytes of `packed-refs` that are looked through: enough for millions of refs. */
const MOST_PACKED = 1 << 29

/** git-check-ref-format, for refs below `refs/`. */
export function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || name.length > 1_024 || name.endsWith('.') || name.includes('@{')) return false
  if (/[\0-\x20\x7f~^:?*[\\]|\.\./.test(name)) return false
  return name.split('/').every((step) => step !== '' && !step.startsWith('.') && !step.endsWith('.lock'))
}

/** The commit that HEAD stands for: a hash itself, or the name of a ref. undefined: none that is known, as of a branch without commits. */
export async function commitOf(common: string, head: string): Promise<string | undefined> {
  let at = head
  for (let steps = 0; steps <= MOST_STEPS; steps++) {
    if (hashForm.test(at)) return at
    if (!isRefName(at)) return undefined
    const loose = await looseRef(common, at)
    if (loose === undefined) return await packedRef(common, at)
    at = loose.replace(/^ref: */, '')
  }
  return undefined
}

/** The content of a ref's own file, which lies in the repository and nowhere else. */
async function looseRef(common: string, name: string): Promise<string | undefined> {
  const path = await realpath(join(common, name)).catch(() => undefined)
  if (path === undefined || !path.startsWith((await realpath(common)) + sep)) return undefined
  return await readBoundedFile(path, SMALL).then(
    (bytes) => bytes.toString('utf8').trim(),
    () => undefined, // a folder: the name is one of a level above
  )
}

/** Of the refs that were put together into one file: `<hash> <name>` a line. It is looked through as it comes. */
async function packedRef(common: string, name: string): Promise<string | undefined> {
  const handle = await open(join(common, 'packed-refs'), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  if (handle === undefined) return undefined
  try {
    if (!(await handle.stat()).isFile()) return undefined
    const line = Buffer.from(` ${name}\n`)
    let held: Buffer = Buffer.alloc(0)
    for await (const piece of createReadStream('', { fd: handle, autoClose: false, end: MOST_PACKED - 1, highWaterMark: 1 << 20 })) {
      held = Buffer.concat([held, piece as Buffer])
      const found = held.indexOf(line)
      if (found >= 0) {
        const hash = held.toString('latin1', held.lastIndexOf(0x0a, found) + 1, found)
        return hashForm.test(hash) ? hash : undefined
      }
      held = held.subarray(Math.max(0, held.length - line.length - 65))
    }
    return undefined
  } finally {
    await handle.close()
  }
}
