import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Path of a file in the folder of examples and feeds beside the repository (`OI_SHARED`); undefined where there is none. */
export function sharedPath(relative: string): string | undefined {
  const root = process.env['OI_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared')
  const path = join(root, relative)
  return existsSync(path) ? path : undefined
}
