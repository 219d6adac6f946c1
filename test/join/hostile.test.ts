import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { readSbom } from '../../src/formats/sbom.ts'
import { recordFailure, recordObservation, registerResource } from '../../src/core/inventory/index.ts'
import { reasonOf } from '../../src/model/errors.ts'
import type { Store } from '../../src/store/connection.ts'
import { databases } from '../database.ts'
import { host, npm, openWorld, type World } from './world.ts'

describe.each(databases)('what strangers write ($name)', ({ open }) => {
  let store: Store
  let world: World
  beforeEach(async () => {
    store = await open()
    world = await openWorld(store)
  })
  afterEach(() => store.close())

  const stored = async () =>
    (
      await sql<{ name: string; path: string; gaps: unknown; facts: unknown; reason: string | null }>`
        select c.name, o.path, b.gaps, r.facts, r.reason_detail as reason
        from resource r join observation b on b.resource_id = r.id join occurrence o on o.inventory_id = b.inventory_id join component c on c.id = o.component_id
        order by c.name`.execute(store.db)
    ).rows

  it('is stored although it holds what no database holds', async () => {
    const resource = host('web', { facts: { hostname: 'web', os: { id: 'debian', name: 'De\0bian \ud800' } } })
    await registerResource(world, resource)
    await recordObservation(world, {
      resource: resource.arn,
      collector: 'test',
      at: '2026-11-22T11:00:00Z',
      occurrences: [{ component: npm('a\0b', '1'), at: { path: 'x\ud800/package.json' }, extractor: 'test' }],
      gaps: [{ path: 'y\0', extractor: 'test', reason: 'Unexpected token \0' }],
    })
    await recordFailure(world, resource.arn, reasonOf(new Error('Unexpected token \0')))
    expect(await stored()).toEqual([
      {
        name: 'a\ufffdb',
        path: 'x\ufffd/package.json',
        gaps: [{ path: 'y\ufffd', extractor: 'test', reason: 'Unexpected token \ufffd' }],
        facts: { hostname: 'web', os: { id: 'debian', name: 'De\ufffdbian \ufffd' } },
        reason: 'Unexpected token \ufffd',
      },
    ])
  })
  it('costs one component where it cannot be one, not the whole document', async () => {
    const long = Array.from({ length: 4_000 }, (_, i) => (i * 7919).toString(36)).join('')
    const component = (name: string) => ({ type: 'library', name: 'x', version: '1', purl: `pkg:npm/${name}@1` })
    const { occurrences, gaps } = await readSbom(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: [component('good'), component(long), { ...component('other'), purl: 'pkg:npm/other', version: long }],
      }),
      'sbom.json',
    )
    const resource = host('sbom')
    await registerResource(world, resource)
    await recordObservation(world, { resource: resource.arn, collector: 'test', at: '2026-11-22T11:00:00Z', occurrences, gaps })
    expect((await stored()).map(({ name }) => name)).toEqual(['good'])
    expect(gaps).toEqual([
      { path: 'sbom.json!/x', extractor: 'sbom', reason: `a package URL of ${long.length + 10} bytes, at most 2048 are read` },
      {
        path: 'sbom.json!/x',
        extractor: 'sbom',
        reason: 'a version, distribution or source package of more than 2048 bytes: pkg:npm/other',
      },
    ])
  })
})
