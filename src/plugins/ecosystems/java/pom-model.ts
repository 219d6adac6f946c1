import { posix } from 'node:path'
import type { FileTree } from '../../../model/seams.ts'
import { interpolate } from './interpolate.ts'
import { ownValue } from './pom-coordinates.ts'
import { parsePom, type Pom, type PomDependency } from './pom-xml.ts'

/** A dependency after inheritance and management; a text that needs a property nobody told keeps it. */
export type Resolved = {
  readonly group: string
  readonly artifact: string
  /** As it is asked for: a version, a range, or an unknown property; undefined: nobody says. */
  readonly version: string | undefined
  readonly scope: string
  readonly optional: boolean
}

type Near = Pick<FileTree, 'open'>
/** A project file in the tree. */
type Placed = { readonly path: string; readonly pom: Pom }
/** What one project, its parents and what it imports say together. */
type Model = {
  readonly dependencies: readonly PomDependency[]
  readonly managed: ReadonlyMap<string, PomDependency>
  readonly valueOf: (property: string) => string | undefined
}
/** Files opened for one project: each import may import further ones. */
type Opened = { count: number }

const MOST_FILES = 64
const MOST_PARENTS = 16
const MOST_IMPORTS = 8
/** Folders above a project in which somebody's local repository is looked for. */
const MOST_ABOVE = 8

/** Dependencies a project asks for itself, or by its parents, as Maven puts them together (POM reference, "Inheritance"). */
export async function resolvePom(path: string, text: string, near: Near): Promise<readonly Resolved[]> {
  const model = await modelOf({ path, pom: await parsePom(text) }, near, { count: 0 }, 0)
  return model.dependencies.map((dependency) => {
    const told = model.managed.get(keyOf(dependency))
    const replaced = (part: string) => interpolate(part, model.valueOf) ?? part
    const version = dependency.version ?? told?.version
    return {
      group: replaced(dependency.group),
      artifact: replaced(dependency.artifact),
      version: version === undefined ? undefined : replaced(version),
      scope: replaced(dependency.scope ?? told?.scope ?? 'compile'),
      optional: dependency.optional,
    }
  })
}

const keyOf = ({ group, artifact, type, classifier }: PomDependency) => [group, artifact, type, classifier].join('\0')

async function modelOf(project: Placed, near: Near, opened: Opened, imports: number): Promise<Model> {
  const line = await lineOf(project, near, opened)
  const properties = new Map<string, string>()
  for (const { pom } of line.toReversed()) for (const [name, value] of pom.properties) properties.set(name, value)
  const [first] = line
  const valueOf = (property: string) =>
    property.startsWith('project.')
      ? (ownValue(first!.pom, property) ?? properties.get(property))
      : (properties.get(property) ?? ownValue(first!.pom, property))
  const known = (one: PomDependency): PomDependency => ({
    ...one,
    group: interpolate(one.group, valueOf) ?? one.group,
    artifact: interpolate(one.artifact, valueOf) ?? one.artifact,
    ...(one.version !== undefined && { version: interpolate(one.version, valueOf) ?? one.version }),
  })
  const dependencies = new Map<string, PomDependency>()
  const managed = new Map<string, PomDependency>()
  const imported: PomDependency[] = []
  for (const { pom } of line) {
    for (const one of pom.dependencies.map(known)) if (!dependencies.has(keyOf(one))) dependencies.set(keyOf(one), one)
    for (const one of pom.managed.map(known)) {
      if (one.scope === 'import') imported.push(one)
      else if (!managed.has(keyOf(one))) managed.set(keyOf(one), one)
    }
  }
  // what is managed here goes before what is imported, and the first import before the next
  if (imports < MOST_IMPORTS) {
    for (const one of imported) {
      const bom = await findImport(one, line, near, opened)
      if (bom === undefined) continue
      for (const [key, value] of (await modelOf(bom, near, opened, imports + 1)).managed) if (!managed.has(key)) managed.set(key, value)
    }
  }
  return { dependencies: [...dependencies.values()], managed, valueOf }
}

/** The project and its parents, as far as they lie in the tree, nearest first. */
async function lineOf(project: Placed, near: Near, opened: Opened): Promise<readonly Placed[]> {
  const line = [project]
  const seen = new Set([project.path])
  for (let last = project; line.length <= MOST_PARENTS; ) {
    const parent = await findParent(last, project.path, near, opened)
    if (parent === undefined || seen.has(parent.path)) break
    seen.add(parent.path)
    line.push(parent)
    last = parent
  }
  return line
}

async function findParent({ path, pom }: Placed, project: string, near: Near, opened: Opened): Promise<Placed | undefined> {
  const { parent } = pom
  if (parent === undefined) return undefined
  const beside = parent.relativePath === '' ? [] : [besides(path, parent.relativePath ?? '../pom.xml')]
  return firstOf([...beside, ...inRepositories(project, parent)], parent, near, opened)
}

/** A bill of materials: a sibling among the modules, or in a local repository. */
function findImport({ group, artifact, version = '' }: PomDependency, line: readonly Placed[], near: Near, opened: Opened) {
  const folders = new Set(line.flatMap(({ path }) => [posix.dirname(path), posix.dirname(posix.dirname(path))]))
  const siblings = [...folders].map((folder) => posix.join(folder, artifact, 'pom.xml'))
  const wanted = { group, artifact, version }
  return firstOf([...siblings, ...inRepositories(line[0]!.path, wanted)], wanted, near, opened)
}

type Wanted = { readonly group: string; readonly artifact: string; readonly version: string }

/** The file a relative path names; a folder stands for the project file in it. */
function besides(path: string, relativePath: string): string {
  const at = posix.join(posix.dirname(path), relativePath)
  return at.endsWith('.xml') ? at : posix.join(at, 'pom.xml')
}

/** Where a local repository of the project, of a folder above it, or of the superuser would keep a file. */
function inRepositories(path: string, { group, artifact, version }: Wanted): readonly string[] {
  if (!/^[\w.-]+$/.test(version) || !/^[\w.-]+$/.test(group) || !/^[\w.-]+$/.test(artifact)) return []
  const within = `.m2/repository/${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}.pom`
  const folders: string[] = ['root']
  for (let at = posix.dirname(path); folders.length <= MOST_ABOVE; at = posix.dirname(at)) {
    folders.push(at)
    if (at === '.' || at === '/') break
  }
  return folders.map((folder) => posix.join(folder, within))
}

/** The first of these files that is there and is the project wanted. What is broken tells so when it is read itself. */
async function firstOf(paths: readonly string[], wanted: Wanted, near: Near, opened: Opened): Promise<Placed | undefined> {
  for (const path of paths) {
    if (path.startsWith('..') || path.startsWith('/') || opened.count >= MOST_FILES) continue
    const file = await near.open(path)
    if (file === undefined) continue
    opened.count++
    const pom = await file
      .text()
      .then(parsePom)
      .catch(() => undefined)
    if (pom !== undefined && isWanted(pom, wanted, path.endsWith('.pom'))) return { path, pom }
  }
  return undefined
}

/** Where a property stands for a version, only its project can say which. */
function isWanted(pom: Pom, { group, artifact, version }: Wanted, inRepository: boolean): boolean {
  const own = pom.version ?? pom.parent?.version ?? ''
  const open = (text: string) => text.includes('${')
  // a repository keeps a project under the version it is asked for, whatever stands inside (Debian's are called `debian`)
  return (
    pom.artifact === artifact &&
    (pom.group ?? pom.parent?.group) === group &&
    (inRepository || own === version || open(own) || open(version))
  )
}
