import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Component, Occurrence } from '../../model/component.ts'
import type { AdvisoryKey } from '../../model/seams.ts'
import { slices, sortedInSlices } from '../../kit/slices.ts'
import type { Db } from '../../store/connection.ts'
import { occurrenceKey } from '../extraction/index.ts'

/** Rows of one statement: small enough that a reader of the embedded database waits a blink. */
const chunkRows = 2_500

/** Which advisories judge a component; undefined: nobody's. */
export type KeyOf = (component: Component) => AdvisoryKey | undefined

/**
 * Stores the components and occurrences of an inventory, outside any switch: nothing points to it yet. The same content
 * gives the same row. Returns its id.
 */
export async function stageInventory(db: Db, occurrences: readonly Occurrence[], keyOf: KeyOf): Promise<number> {
  const sorted = await sortedInSlices(occurrences, occurrenceKey)
  const hash = await inventoryHash(sorted)
  const held = await inventoryByHash(db, hash)
  if (held !== undefined) return held
  const ids = await stageComponents(db, await distinctComponents(sorted), keyOf)
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`
      insert into inventory (hash, occurrences) values (${hash}, ${sorted.length}) on conflict (hash) do nothing returning id`.execute(trx)
    const id = rows[0]?.id
    if (id === undefined) {
      const other = await inventoryByHash(trx, hash)
      if (other === undefined) throw new Error('an inventory vanished while it was stored')
      return other
    }
    for (let from = 0; from < sorted.length; from += chunkRows) await insertOccurrences(trx, id, sorted.slice(from, from + chunkRows), ids)
    return id
  })
}

/** Hash of sorted occurrences: what an inventory is, whoever holds it. */
export async function inventoryHash(sorted: readonly Occurrence[]): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const slice of slices(sorted)) for (const one of slice) hash.update(`${hashed(one)}\n`)
  return hash.digest()
}

function hashed(one: Occurrence): string {
  const { at } = one
  const parts = [
    componentKey(one.component).toString('hex'),
    ...[at.path, at.layer, one.extractor, one.ownedBy, one.scope, one.direct, one.dependsOn],
    ...(extended(one) ? [one.requirement, one.licences, one.hashes] : []),
  ]
  return JSON.stringify(parts.map((part) => part ?? null))
}

/** Most have none of these, and keep the hash they always had. */
const extended = ({ requirement, licences, hashes }: Occurrence) =>
  requirement !== undefined || licences !== undefined || hashes !== undefined

/** Identity of a component across the fleet. */
export function componentKey(component: Component): Buffer {
  const { purl, type, name, version, distro, source, arch } = component
  const parts = [purl, type, name, version, distro ?? null, source?.name ?? null, source?.version ?? null, arch ?? null]
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)
}

async function inventoryByHash(db: Db, hash: Buffer): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`select id from inventory where hash = ${hash}`.execute(db)
  return rows[0]?.id
}

async function distinctComponents(occurrences: readonly Occurrence[]): Promise<Map<string, Component>> {
  const components = new Map<string, Component>()
  for await (const slice of slices(occurrences))
    for (const { component } of slice) components.set(componentKey(component).toString('hex'), component)
  return components
}

/** Ids by key in hex. Rows are inserted in the order of keys, so that two who stage the same wait and never cross. */
async function stageComponents(db: Db, components: ReadonlyMap<string, Component>, keyOf: KeyOf): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const keys = await sortedInSlices([...components.keys()], (key) => key)
  for (let from = 0; from < keys.length; from += chunkRows) {
    const chunk = keys.slice(from, from + chunkRows).map((key) => componentRow(key, components.get(key), keyOf))
    await sql`
      insert into component (key, purl, type, name, version, distro, source_name, source_version, arch, ecosystem, lookup_name, lookup_version)
      select decode(key, 'hex'), purl, type, name, version, distro, source_name, source_version, arch, ecosystem, lookup_name, lookup_version
      from jsonb_to_recordset(${JSON.stringify(chunk)}::jsonb) as c(key text, purl text, type text, name text, version text, distro text,
        source_name text, source_version text, arch text, ecosystem text, lookup_name text, lookup_version text)
      on conflict (key) do nothing`.execute(db)
    const { rows } = await sql<{ key: string; id: number }>`
      select encode(key, 'hex') as key, id from component
      where key in (select decode(k, 'hex') from jsonb_array_elements_text(${JSON.stringify(chunk.map(({ key }) => key))}::jsonb) k)`.execute(
      db,
    )
    for (const { key, id } of rows) ids.set(key, id)
  }
  return ids
}

function componentRow(key: string, component: Component | undefined, keyOf: KeyOf) {
  if (component === undefined) throw new Error(`no component has the key ${key}`)
  const { purl, type, name, version, distro, source, arch } = component
  const judged = keyOf(component)
  return {
    key,
    ...{ purl, type, name, version, distro, arch },
    ...{ source_name: source?.name, source_version: source?.version },
    ...{ ecosystem: judged?.ecosystem, lookup_name: judged?.name, lookup_version: judged?.version },
  }
}

async function insertOccurrences(
  trx: Db,
  inventory: number,
  occurrences: readonly Occurrence[],
  ids: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = occurrences.map((one) => ({
    component_id: ids.get(componentKey(one.component).toString('hex')),
    ...{ path: one.at.path, layer: one.at.layer, extractor: one.extractor, owned_by: one.ownedBy, scope: one.scope, direct: one.direct },
    ...{ depends_on: one.dependsOn, requirement: one.requirement, licences: one.licences, hashes: one.hashes },
  }))
  await sql`
    insert into occurrence (inventory_id, component_id, path, layer, extractor, owned_by, scope, direct, depends_on, requirement, licences, hashes)
    select ${inventory}::int, component_id, path, layer, extractor, owned_by, scope, direct, depends_on, requirement, licences, hashes
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as o(component_id int, path text, layer text, extractor text, owned_by text, scope text,
      direct boolean, depends_on text[], requirement text, licences text[], hashes text[])`.execute(trx)
}

/** The occurrences of stored inventories, as they were given. */
export async function readOccurrences(db: Db, inventories: readonly number[]): Promise<readonly Occurrence[]> {
  const { rows } = await sql<StoredOccurrence>`
    select o.path, o.layer, o.extractor, o.owned_by, o.scope, o.direct, o.depends_on, o.requirement, o.licences, o.hashes,
      c.purl, c.type, c.name, c.version, c.distro, c.source_name, c.source_version, c.arch
    from occurrence o join component c on c.id = o.component_id where o.inventory_id = any(${inventories}::int[])`.execute(db)
  return sortedInSlices(rows.map(fromRow), occurrenceKey)
}

type StoredOccurrence = StoredComponent & {
  readonly path: string
  readonly layer: string | null
  readonly extractor: string
  readonly owned_by: string | null
  readonly scope: NonNullable<Occurrence['scope']> | null
  readonly direct: boolean | null
  readonly depends_on: string[] | null
  readonly requirement: string | null
  readonly licences: string[] | null
  readonly hashes: string[] | null
}

function fromRow(row: StoredOccurrence): Occurrence {
  return {
    component: componentOf(row),
    at: { path: row.path, ...(row.layer !== null && { layer: row.layer }) },
    extractor: row.extractor,
    ...(row.owned_by !== null && { ownedBy: row.owned_by }),
    ...(row.scope !== null && { scope: row.scope }),
    ...(row.direct !== null && { direct: row.direct }),
    ...(row.depends_on !== null && { dependsOn: row.depends_on }),
    ...(row.requirement !== null && { requirement: row.requirement }),
    ...(row.licences !== null && { licences: row.licences }),
    ...(row.hashes !== null && { hashes: row.hashes }),
  }
}

/** A row of `component`, as far as it was given. */
export type StoredComponent = {
  readonly purl: string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly distro: string | null
  readonly source_name: string | null
  readonly source_version: string | null
  readonly arch: string | null
}

export function componentOf({ purl, type, name, version, distro, source_name, source_version, arch }: StoredComponent): Component {
  return {
    ...{ purl, type, name, version },
    ...(distro !== null && { distro }),
    ...(source_name !== null && { source: { name: source_name, version: source_version ?? version } }),
    ...(arch !== null && { arch }),
  }
}
