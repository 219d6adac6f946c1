import { folderCache } from '../kit/folder-cache.ts'
import type { Cache } from '../model/seams.ts'
import type { Guarding } from '../core/extraction/index.ts'
import { parseTarget } from '../plugins/sources/index.ts'
import { inventoryOf, openTarget, withSystem } from './collect.ts'
import type { Looked, LookOptions } from './looking.ts'
import { extractors } from './units.ts'

const MiB = 1 << 20
/** Bytes of one file that is read in this process: the worst of readers takes two seconds and forty times the memory for it. */
const MOST_BYTES = 8 * MiB
/** Seconds of processor time after which a process of its own goes on: what was done here is done again there. */
const MOST_SECONDS = 1.5

/**
 * Looks at a target in this process where all it reads is small, or was read before: another process would cost more than the look.
 * undefined: there is something that a process of its own should read. Nothing of this look is kept then.
 */
export async function lookHere(text: string, { account, region, exclude, layers, signal }: LookOptions): Promise<Looked | undefined> {
  // A document is parsed as a whole when it is opened.
  if (parseTarget(text).scheme === 'sbom') return undefined
  const cache = folderCache(layers)
  const heavy = new AbortController()
  const opened = await openTarget(text, { account, region, exclude, cache, env: process.env, ...(signal && { signal }) })
  const { target, collector, sourced } = opened
  try {
    const stop = signal === undefined ? heavy.signal : AbortSignal.any([signal, heavy.signal])
    const options = { cache: heldOnly(cache, heavy), reader: lightReader(heavy), signal: stop }
    const inventory = await inventoryOf(opened, extractors, options)
    if (heavy.signal.aborted) return undefined
    return { target, collector, watch: sourced.watch ?? [], resource: withSystem(sourced.resource, inventory), inventory }
  } catch (thrown) {
    if (heavy.signal.aborted) return undefined
    throw thrown
  } finally {
    await sourced.close?.()
  }
}

/** Gives up at the first file that is not small, before it is read, and where the look takes long. */
function lightReader(heavy: AbortController): NonNullable<Guarding['reader']> {
  const begun = process.cpuUsage()
  return async (_, read, { size }) => {
    const { user, system } = process.cpuUsage(begun)
    if (size > MOST_BYTES || (user + system) / 1e6 > MOST_SECONDS) heavy.abort()
    heavy.signal.throwIfAborted()
    return await read()
  }
}

/** Gives up at the first layer that was not read before. */
function heldOnly(cache: Cache, heavy: AbortController): Cache {
  return {
    async get(key) {
      const held = await cache.get(key)
      if (held === undefined) heavy.abort()
      heavy.signal.throwIfAborted()
      return held
    },
    set: cache.set,
  }
}
