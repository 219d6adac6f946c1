import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cache } from '../model/seams.ts'

const DIGEST = 32
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/**
 * A cache in a folder, shared by any number of processes. A value is written beside and renamed into place, and begins with its
 * hash: what a crash or a full disk left half is taken as absent.
 */
export function folderCache(folder: string): Cache {
  const fileOf = (key: string) => join(folder, sha256(key).toString('hex'))
  return {
    async get(key) {
      const bytes = await readFile(fileOf(key)).catch(() => undefined)
      if (bytes === undefined || bytes.length < DIGEST) return undefined
      const value = bytes.subarray(DIGEST)
      return sha256(value).equals(bytes.subarray(0, DIGEST)) ? value : undefined
    },
    async set(key, value) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const beside = `${fileOf(key)}.${randomBytes(6).toString('hex')}`
      try {
        await writeFile(beside, Buffer.concat([sha256(value), value]), { mode: 0o600 })
        await rename(beside, fileOf(key))
      } catch (thrown) {
        await rm(beside, { force: true })
        throw thrown
      }
    },
  }
}
