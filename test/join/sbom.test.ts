import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { recordObservation, registerResource } from '../../src/core/inventory/index.ts'
import { readSbom } from '../../src/formats/sbom.ts'
import type { Store } from '../../src/store/connection.ts'
import { databases } from '../database.ts'
import { host, openWorld, type World } from './world.ts'

describe.each(databases)('an SBOM that changes ($name)', ({ open }) => {
  let store: Store
  let world: World
  beforeEach(async () => {
    store = await open()
    world = await openWorld(store)
    await registerResource(world, host('shop'))
  })
  afterEach(() => store.close())

  const look = async (components: readonly object[], at: string, more: object = {}) => {
    const { occurrences, gaps } = await readSbom(
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components, ...more }),
      'bom.json',
    )
    await recordObservation(world, { resource: host('shop').arn, collector: 'sbom', at, occurrences, gaps })
    const { rows } = await sql<{ purl: string }>`
      select c.purl from resource r join occurrence o on o.inventory_id = r.inventory_id join component c on c.id = o.component_id order by c.purl`.execute(
      store.db,
    )
    return rows.map(({ purl }) => purl)
  }
  const part = (name: string, purl?: string) => ({ type: 'library', name, version: '1', ...(purl && { purl }) })

  it('keeps what it no longer tells exactly, and nothing else', async () => {
    const [left, right] = [part('left', 'pkg:npm/left@1'), part('right', 'pkg:npm/right@1')]
    expect(await look([left, right], '2026-11-22T11:00:00Z')).toEqual(['pkg:npm/left@1', 'pkg:npm/right@1'])
    // Of `right` it is not known any more whether it is that package; `left` is gone.
    expect(await look([part('right')], '2026-11-22T12:00:00Z')).toEqual(['pkg:npm/right@1'])
    expect(await look([left], '2026-11-22T13:00:00Z')).toEqual(['pkg:npm/left@1'])
    // Nothing of the whole list is sure.
    expect(await look([right, 'broken' as never], '2026-11-22T14:00:00Z')).toEqual(['pkg:npm/left@1', 'pkg:npm/right@1'])
  })
})
