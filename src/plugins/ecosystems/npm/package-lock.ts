import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { npmComponent } from './component.ts'
import { entriesOfDependencies, entriesOfPackages, type LockEntry } from './lock-entries.ts'
import { withoutSecrets } from './locked-graph.ts'
import { projectIn } from './project.ts'

/** How many packages of a hidden lock file are looked up before it is taken to be the only witness. */
const PROBES = 16

/**
 * What npm locked. Format: package-lock.json(5), versions 1 to 3. Lock files of packages inside `node_modules` describe
 * those packages' own development and are left out, but for npm's own record of what it installed there.
 */
export const packageLock = {
  id: 'npm/package-lock',
  version: 2,
  title: 'package-lock.json and npm-shrinkwrap.json',
  names: ['package-lock.json', 'npm-shrinkwrap.json', '.package-lock.json'],
  wants: ({ path }) => {
    if (!path.endsWith('.json')) return false
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    const inside = `/${path}`.lastIndexOf('/node_modules/')
    if (name === '.package-lock.json') return inside >= 0 && inside + '/node_modules'.length === slash + 1
    return inside < 0 && (name === 'package-lock.json' || name === 'npm-shrinkwrap.json')
  },
  async read(file, near) {
    const lock: unknown = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems = shapeProblems(lock)
    const read = isRecord(lock['packages'])
      ? entriesOfPackages(lock['packages'])
      : entriesOfDependencies(isRecord(lock['dependencies']) ? lock['dependencies'] : {})
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1)
    const hidden = file.path.endsWith('.package-lock.json')
    if (hidden && (await seenInstalled(folder, read.entries, near))) return { occurrences: [], gaps: [] }
    const entries = isRecord(lock['packages']) || hidden ? read.entries : await withProject(read.entries, folder, near)
    problems.push(...read.problems)
    const components = componentsOf(entries, problems)
    return { occurrences: occurrencesOf(entries, components, file.path), gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function shapeProblems(lock: Readonly<Record<string, unknown>>): string[] {
  const { lockfileVersion: version, packages, dependencies } = lock
  const problems: string[] = []
  // npm 4 and older wrote no version
  if (version !== undefined && ![1, 2, 3].includes(Number(version)))
    problems.push(`expected lockfileVersion 1, 2 or 3, got ${JSON.stringify(version).slice(0, 80)}`)
  if (packages !== undefined && !isRecord(packages)) problems.push('expected an object in packages')
  if (packages === undefined && dependencies !== undefined && !isRecord(dependencies)) problems.push('expected an object in dependencies')
  if (packages === undefined && Number(version) >= 2) problems.push('expected packages, as lockfileVersion 2 and 3 have it')
  return problems
}

/** npm's hidden lock repeats what the installed `package.json` files say: it speaks only where those are gone. */
async function seenInstalled(folder: string, entries: ReadonlyMap<string, LockEntry>, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const root = folder.slice(0, -'node_modules/'.length)
  const installed = [...entries.values()].filter((entry) => entry.installed !== undefined).slice(0, PROBES)
  const seen = await Promise.all(installed.map(({ path }) => near.open(`${root}${path}/package.json`)))
  return seen.some((file) => file !== undefined)
}

/** Lock version 1 does not say what the project itself asks for; the `package.json` beside it does. */
async function withProject(entries: ReadonlyMap<string, LockEntry>, folder: string, near: Pick<FileTree, 'open'>) {
  const project = await projectIn(folder, near)
  if (project === undefined) return entries
  return new Map([...entries, ['', { path: '', scope: 'runtime', needs: [...project.asks.keys()] } as const]])
}

function componentsOf(entries: ReadonlyMap<string, LockEntry>, problems: string[]): ReadonlyMap<string, Component> {
  const components = new Map<string, Component>()
  for (const { path, installed } of entries.values()) {
    if (installed === undefined) continue
    const component = npmComponent(installed.name, withoutSecrets(installed.version))
    if (component) components.set(path, component)
    else problems.push(`${quoted(path)}: expected the name and the version of an npm package`)
  }
  return components
}

const strength = { runtime: 3, peer: 2, optional: 1, dev: 0 } as const

/** One occurrence for each package and version, however often the tree holds it: the strongest scope, all it needs. */
function occurrencesOf(entries: ReadonlyMap<string, LockEntry>, components: ReadonlyMap<string, Component>, path: string): Occurrence[] {
  const direct = new Set<string>()
  const trees = treesOf(entries)
  const found = new Map<string, Found>()
  for (const entry of entries.values()) {
    const component = components.get(entry.path)
    const above = entry.needs.length === 0 ? [] : treesAbove(entry.path, trees)
    const needs = entry.needs.map((name) => resolve(name, above)).filter((place) => place !== undefined)
    if (component === undefined) {
      if (entry.installed === undefined) for (const place of needs) direct.add(place)
      continue
    }
    const held = found.get(component.purl) ?? { component, scope: entry.scope, ...emptyFound() }
    for (const hash of entry.hashes ?? []) held.hashes.add(hash)
    for (const licence of entry.licences ?? []) held.licences.add(licence)
    if (strength[entry.scope] > strength[held.scope]) held.scope = entry.scope
    for (const place of needs) {
      const needed = components.get(place)
      if (needed) held.needs.add(needed.purl)
    }
    found.set(component.purl, held)
  }
  const asked = new Set([...direct].map((place) => components.get(place)?.purl))
  return [...found.values()].map(({ component, scope, needs, hashes, licences }) => ({
    component,
    at: { path },
    extractor: packageLock.id,
    scope,
    ...(asked.has(component.purl) && { direct: true }),
    ...(needs.size > 0 && { dependsOn: [...needs].sort() }),
    ...(licences.size > 0 && { licences: [...licences].sort() }),
    ...(hashes.size > 0 && { hashes: [...hashes].sort() }),
  }))
}

type Found = { component: Component; scope: LockEntry['scope']; needs: Set<string>; hashes: Set<string>; licences: Set<string> }
const emptyFound = () => ({ needs: new Set<string>(), hashes: new Set<string>(), licences: new Set<string>() })

/** What the `node_modules` of one folder holds: the place of each package by its name. */
type Tree = ReadonlyMap<string, string>

/** Every `node_modules`, by the folder it lies in. */
function treesOf(entries: ReadonlyMap<string, LockEntry>): ReadonlyMap<string, Tree> {
  const trees = new Map<string, Map<string, string>>()
  for (const path of entries.keys()) {
    const nested = path.lastIndexOf('/node_modules/')
    if (nested < 0 && !path.startsWith('node_modules/')) continue
    const folder = path.slice(0, Math.max(nested, 0))
    const name = path.slice(nested + '/node_modules/'.length)
    const tree = trees.get(folder)
    if (tree === undefined) trees.set(folder, new Map([[name, path]]))
    else tree.set(name, path)
  }
  return trees
}

/** Where Node looks from a place: its own `node_modules`, then those above (Node.js documentation, "Loading from node_modules folders"). */
function treesAbove(from: string, trees: ReadonlyMap<string, Tree>): readonly Tree[] {
  const above: (Tree | undefined)[] = []
  for (let folder = from; folder !== ''; folder = parentOf(folder)) above.push(trees.get(folder))
  above.push(trees.get(''))
  return above.filter((tree) => tree !== undefined)
}

function resolve(name: string, above: readonly Tree[]): string | undefined {
  for (const tree of above) {
    const place = tree.get(name)
    if (place !== undefined) return place
  }
  return undefined
}

/** The next folder up that may hold a `node_modules`: the package above, or for a workspace each folder above it. */
function parentOf(path: string): string {
  const nested = path.lastIndexOf('/node_modules/')
  if (nested >= 0) return path.slice(0, nested)
  return path.startsWith('node_modules/') ? '' : path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}
