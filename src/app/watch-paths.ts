import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Logger } from 'pino'

/** Calls `changed` when something changes at one of the paths. A path that cannot be watched is told to the log. */
export function watchPaths(paths: readonly string[], changed: () => void, log: Logger): readonly FSWatcher[] {
  return paths.flatMap((path) => watchPath(path, changed, log))
}

/** A database is replaced by a rename, so its folder is watched; a folder is watched itself. */
function watchPath(path: string, changed: () => void, log: Logger): FSWatcher[] {
  try {
    const name = basename(path)
    const onEvent = (_: string, file: string | null) => {
      if (file === null || file === name) changed()
    }
    const watcher = statSync(path).isDirectory()
      ? watch(path, { persistent: false }, changed)
      : watch(dirname(path), { persistent: false }, onEvent)
    return [watcher.on('error', (error) => log.warn({ err: error, path }, 'no longer watched'))]
  } catch (error) {
    log.warn({ err: error, path }, 'cannot be watched; it is looked at on schedule only')
    return []
  }
}
