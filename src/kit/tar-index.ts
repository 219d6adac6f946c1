import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../model/errors.ts'
import type { Limits } from './limits.ts'
import { walkTar, type TarEntry } from './tar.ts'

/** Hands over every entry of an uncompressed tar archive of `size` bytes, stepping over content. Throws AppError `invalid` where it is cut short. */
export async function indexTar(
  handle: FileHandle,
  size: number,
  { named, limits, visit }: { readonly named: string; readonly limits: Limits; readonly visit: (entry: TarEntry) => void },
): Promise<void> {
  const walk = walkTar({ visit: (entry) => (visit(entry), false), take: () => {} }, named, limits)
  const piece = Buffer.allocUnsafe(4096)
  let position = 0
  while (!walk.ended && position < size) {
    if (walk.skippable > 0) {
      position += walk.skippable
      walk.jump()
      continue
    }
    const { bytesRead } = await handle.read(piece, 0, piece.length, position)
    if (bytesRead === 0) break
    walk.push(piece.subarray(0, bytesRead))
    position += bytesRead
  }
  if (position > size) throw new AppError('invalid', `${named} is truncated: its last entry ends at byte ${position}, the file at ${size}`)
  walk.end()
}
