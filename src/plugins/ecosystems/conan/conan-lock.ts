import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { conanComponent } from './component.ts'

type Fields = Readonly<Record<string, unknown>>
type Found = { readonly component: Component; readonly scope: 'runtime' | 'dev'; readonly direct?: true; readonly needs: readonly string[] }

/** What Conan locked: lists of references (Conan 2, version 0.5), or a graph of nodes (Conan 1, versions 0.1 to 0.4). */
export const conanLock = {
  id: 'conan/conan-lock',
  version: 1,
  title: 'conan.lock',
  names: ['conan.lock'],
  wants: ({ path }) => path === 'conan.lock' || path.endsWith('/conan.lock'),
  async read(file) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems: string[] = []
    const graph = isRecord(lock['graph_lock']) ? lock['graph_lock']['nodes'] : undefined
    const found = isRecord(graph) ? inGraph(graph, problems) : inLists(lock, problems)
    const byPurl = Map.groupBy(found, ({ component }) => component.purl)
    const occurrences = [...byPurl.values()].flatMap((same): readonly Occurrence[] => {
      const [first] = same
      if (first === undefined) return []
      const dependsOn = [...new Set(same.flatMap(({ needs }) => needs))].sort()
      return [
        {
          ...{ component: first.component, at: { path: file.path }, extractor: this.id },
          scope: same.some(({ scope }) => scope === 'runtime') ? 'runtime' : 'dev',
          ...(same.some(({ direct }) => direct) && { direct: true }),
          ...(dependsOn.length > 0 && { dependsOn }),
        },
      ]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** What runs; what is used while it is built; what recipes are made of. */
const lists = [
  ['requires', 'runtime'],
  ['build_requires', 'dev'],
  ['python_requires', 'dev'],
  ['config_requires', 'dev'],
] as const

function inLists(lock: Fields, problems: string[]): readonly Found[] {
  if (!lists.some(([member]) => Array.isArray(lock[member]))) problems.push('expected lists of references, or a graph_lock with nodes')
  return lists.flatMap(([member, scope]) => {
    const list: readonly unknown[] = Array.isArray(lock[member]) ? lock[member] : []
    return list.flatMap((told): readonly Found[] => {
      // a reference with its packages is a list
      const reference: unknown = Array.isArray(told) ? (told as readonly unknown[])[0] : told
      const component = typeof reference === 'string' ? conanComponent(reference) : undefined
      if (component === undefined) problems.push(`${member}: expected "name/version", got ${quoted(JSON.stringify(told))}`)
      return component === undefined ? [] : [{ component, scope, needs: [] }]
    })
  })
}

function inGraph(nodes: Fields, problems: string[]): readonly Found[] {
  const components = new Map<string, Component>()
  for (const [id, node] of Object.entries(nodes)) {
    const reference = isRecord(node) ? (textOf(node, 'ref') ?? textOf(node, 'pref')) : undefined
    // the project itself has a recipe and, mostly, no reference
    if (reference === undefined || (isRecord(node) && textOf(node, 'path') !== undefined)) continue
    const component = conanComponent(reference)
    if (component === undefined) problems.push(`expected "name/version", got ${quoted(reference)}`)
    else components.set(id, component)
  }
  const all = Object.entries(nodes).flatMap(([id, node]) => (isRecord(node) ? [{ id, node }] : []))
  const needs = (node: Fields, member: string): readonly string[] => {
    const told = node[member]
    return (Array.isArray(told) ? told : isRecord(told) ? Object.values(told) : []).filter((one) => typeof one === 'string')
  }
  const roots = all.filter(({ id }) => !components.has(id))
  const direct = new Set(roots.flatMap(({ node }) => needs(node, 'requires')))
  const runs = new Set<string>()
  const open = [...direct]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (runs.has(id)) continue
    runs.add(id)
    const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined
    if (isRecord(node)) open.push(...needs(node, 'requires'))
  }
  return all.flatMap(({ id, node }): readonly Found[] => {
    const component = components.get(id)
    if (component === undefined) return []
    const wanted = needs(node, 'requires').flatMap((to) => components.get(to)?.purl ?? [])
    return [
      { component, scope: runs.has(id) || roots.length === 0 ? 'runtime' : 'dev', ...(direct.has(id) && { direct: true }), needs: wanted },
    ]
  })
}
