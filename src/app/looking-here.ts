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
/** Bytes of all files, and seconds of processor time: past both a process of its own goes on, and does again what was done here. */
const enough = { bytes: 64 * MiB, seconds: 1.5 }

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

/** Gives up at the first file that is not small, before it is read, and where there is much to read and it takes long. */
function lightReader(heavy: AbortController): NonNullable<Guarding['reader']> {
  const begun = process.cpuUsage()
  let all = 0
  return async (_, read, { size }) => {
    all += size
    if (size > MOST_BYTES || (all > enough.bytes && secondsSince(begun) > enough.seconds)) heavy.abort()
    heavy.signal.throwIfAborted()
    return await read()
  }
}

function secondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1e6
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
