import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractLayers } from '../src/core/extraction/index.ts'
import type { Cache } from '../src/model/seams.ts'
import { npm } from '../src/plugins/ecosystems/npm/index.ts'
import { registryWith } from '../src/plugins/sources/registry/index.ts'
import { tarOf } from './archives.ts'
import { startRegistry, type TestRegistry } from './registry-server.ts'

export type ScanMeans = { readonly cache?: Cache; readonly settings?: object; readonly env?: Record<string, string> }

/** A registry with the repository `shop/app`, and a source that reads it by a clock of its own. */
export async function registryWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'oi-registry-'))
  const server: TestRegistry = await startRegistry('shop/app')
  const waits: number[] = []
  const source = registryWith({
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    sleep: async (milliseconds) => void waits.push(milliseconds),
  })

  /** Opens a target and reads all of it. */
  async function scan(target: string, { cache, settings, env }: ScanMeans = {}) {
    const path = join(folder, 'registries.json')
    await writeFile(path, JSON.stringify(settings ?? { [server.host]: { private: true } }))
    const opened = await source.open(
      { scheme: 'registry', value: target },
      { account: '000000000000', region: 'us-east-1', ...(cache && { cache }), env: { HOME: folder, OI_REGISTRIES: path, ...env } },
    )
    try {
      const { layers: found, gaps } = await opened.collect()
      const inventory = await extractLayers(found, npm.extractors, cache ? { cache } : {})
      return {
        resource: opened.resource,
        purls: inventory.occurrences.map(({ component }) => component.purl),
        gaps: [...gaps, ...inventory.gaps],
      }
    } finally {
      await opened.close()
    }
  }
  return {
    folder,
    server,
    waits,
    source,
    scan,
    /** Two layers with a package each, and some kilobytes that do not compress away. */
    layers: await Promise.all(['left-pad', 'right-pad'].map(layerWith)),
    async close() {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

const layerWith = (name: string) =>
  tarOf([
    { name: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: '1.3.0' }) },
    { name: 'noise', content: Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 7919) >> 5)) },
  ])
