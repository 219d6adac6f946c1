import { gapsOf, shown } from '../../../formats/problems.ts'
import { readSqliteTable } from '../../../formats/sqlite-table.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { nameOfPath, packageOf } from './store-path.ts'

/** Below the root of the system that has the store. */
export const DATABASE = 'nix/var/nix/db/db.sqlite'

/**
 * What a Nix store holds, from its database: the tables `ValidPaths` (id, path, hash, registrationTime, deriver ...) and `Refs` (referrer,
 * reference) of Nix's `schema.sql`. What lies at the paths belongs to it.
 */
export const storeDatabase = {
  id: 'nix/store-database',
  version: 1,
  title: 'Nix store',
  names: ['db.sqlite'],
  wants: ({ path }) => path === DATABASE || path.endsWith(`/${DATABASE}`),
  async read(file, near) {
    const [bytes, log] = [await file.bytes(), await (await near.open(`${file.path}-wal`))?.bytes()]
    const problems: string[] = []
    const rows = (table: string) => readSqliteTable(bytes, log, table, (reason) => problems.push(`${table}: ${reason}`))
    const root = file.path.slice(0, -DATABASE.length)
    const components = new Map<number, Component>()
    const folders: string[] = []
    for (const [id, path, , , deriver] of rows('ValidPaths')) {
      if (typeof id !== 'number' || typeof path !== 'string' || nameOfPath(path) === undefined) {
        problems.push(`expected the path of a store, got ${shown(path)}`)
        continue
      }
      folders.push(root + path.slice(1))
      const component = packageOf(path, typeof deriver === 'string' ? deriver : undefined)
      if (component !== undefined) components.set(id, component)
    }
    /** The outputs of one package are one component, and need what any of them needs. */
    const packages = new Map<string, { readonly component: Component; readonly needs: Set<string> }>()
    for (const component of components.values()) packages.set(component.purl, { component, needs: new Set() })
    for (const [referrer, reference] of rows('Refs')) {
      const [from, to] = [referrer, reference].map((id) => (typeof id === 'number' ? components.get(id)?.purl : undefined))
      if (from !== undefined && to !== undefined && from !== to) packages.get(from)?.needs.add(to)
    }
    const occurrences = [...packages.values()].map(({ component, needs }) => ({
      component,
      at: { path: file.path },
      extractor: this.id,
      ...(needs.size > 0 && { dependsOn: [...needs].sort() }),
    }))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems), ...(folders.length > 0 && { covers: folders }) }
  },
} satisfies Extractor
