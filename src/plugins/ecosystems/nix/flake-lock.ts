import { isRecord, namesIn, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted, shown } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'

type Fields = Readonly<Record<string, unknown>>

/** The inputs that a flake was locked to (Nix manual, "nix flake", "Lock files"): sources by the commit they are at. */
export const flakeLock = {
  id: 'nix/flake-lock',
  version: 1,
  title: 'flake.lock',
  names: ['flake.lock'],
  wants: ({ path }) => path === 'flake.lock' || path.endsWith('/flake.lock'),
  async read(file) {
    const lock = parseJson(await file.text())
    const nodes = isRecord(lock) ? lock['nodes'] : undefined
    if (!isRecord(lock) || !isRecord(nodes))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object with nodes']) }
    const problems: string[] = []
    const components = new Map<string, Component>()
    const root = textOf(lock, 'root') ?? 'root'
    for (const name of namesIn(nodes)) {
      const component = name === root ? undefined : inputOf(name, nodes[name], problems)
      if (component !== undefined) components.set(name, component)
    }
    const needs = (name: string): readonly string[] => {
      const node = Object.hasOwn(nodes, name) ? nodes[name] : undefined
      const inputs = isRecord(node) && isRecord(node['inputs']) ? Object.values(node['inputs']) : []
      // a list follows an input of another one, which is among the nodes itself
      return inputs.flatMap((to) => (typeof to === 'string' ? (components.get(to)?.purl ?? []) : []))
    }
    const direct = new Set(needs(root))
    const byPurl = Map.groupBy(components, ([, { purl }]) => purl)
    const occurrences = [...byPurl].flatMap(([purl, same]): readonly Occurrence[] => {
      const dependsOn = [...new Set(same.flatMap(([name]) => needs(name)))].filter((one) => one !== purl).sort()
      const [first] = same
      if (first === undefined) return []
      return [
        {
          ...{ component: first[1], at: { path: file.path }, extractor: this.id },
          ...(direct.has(purl) && { direct: true }),
          ...(dependsOn.length > 0 && { dependsOn }),
        },
      ]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Where the kinds of input that name no host are fetched from. */
const hosts: Readonly<Record<string, string>> = { github: 'github.com', gitlab: 'gitlab.com', sourcehut: 'git.sr.ht' }

function inputOf(name: string, node: unknown, problems: string[]): Component | undefined {
  const locked: Fields = isRecord(node) && isRecord(node['locked']) ? node['locked'] : {}
  const kind = textOf(locked, 'type')
  // a folder is the project's own
  if (kind === 'path') return undefined
  const place = kind === undefined ? undefined : placeOf(kind, locked)
  if (place === '') return undefined
  const version = textOf(locked, 'rev') ?? textOf(locked, 'narHash')
  const slash = (place ?? '').lastIndexOf('/')
  if (place === undefined || slash < 1 || version === undefined || !/^[\w+/=-]{1,100}$/.test(version)) {
    problems.push(`${quoted(name)}: expected an input with its place and its commit, got ${shown(locked['type'])}`)
    return undefined
  }
  return { purl: purlOf('nix', place.slice(0, slash), place.slice(slash + 1), version), type: 'nix', name: place, version }
}

/** `host/path` of what is fetched; empty for what lies on this machine. */
function placeOf(kind: string, locked: Fields): string | undefined {
  const [owner, repo] = ['owner', 'repo'].map((member) => textOf(locked, member))
  const host = Object.hasOwn(hosts, kind) ? (textOf(locked, 'host') ?? hosts[kind]) : undefined
  const url = textOf(locked, 'url')
  const place = host === undefined ? (url === undefined ? undefined : withoutScheme(url)) : `${host}/${owner ?? ''}/${repo ?? ''}`
  return place === '' ||
    (place !== undefined && place.length <= 500 && /^[\w.:~-]+(?:\/[\w.~@+%-]+)+$/.test(place) && !/\/\.\.?(?:\/|$)/.test(place))
    ? place
    : undefined
}

/** Users and passwords, queries and the end `.git` are no part of a place. */
function withoutScheme(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, host, pathname } = new URL(text)
  return protocol === 'file:' ? '' : `${host}${pathname.replace(/(?:\.git)?\/?$/, '')}`
}
