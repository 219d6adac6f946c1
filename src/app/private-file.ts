import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, reasonOf } from '../model/errors.ts'

/** Writes whole or not at all, for this user only. Throws AppError `denied`. */
export async function writePrivately(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(fresh, content, { mode: 0o600 })
    await chmod(fresh, 0o600)
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true })
    throw new AppError('denied', `Cannot write ${path}: ${reasonOf(cause)}`, { cause })
  }
}
