import type { Extractor } from '../../../model/seams.ts'
import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { parseJsonc } from '../../../formats/jsonc.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { hashesOf } from './integrity.ts'
import { occurrencesOf, type LockedPackage, type LockScope, type Need } from './locked-graph.ts'

type Fields = Readonly<Record<string, unknown>>

/** What bun locked, as text (bun.com/docs, "Lockfile"): each place of the tree with its package, as `node_modules` nest. */
export const bunLock = {
  id: 'npm/bun-lock',
  version: 1,
  title: 'bun.lock',
  names: ['bun.lock'],
  wants: ({ path }) => (path === 'bun.lock' || path.endsWith('/bun.lock')) && !`/${path}`.includes('/node_modules/'),
  async read(file) {
    const lock = parseJsonc(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const { lockfileVersion: version, packages: held, workspaces } = lock
    const problems: string[] = []
    if (![0, 1, 2].includes(Number(version)))
      problems.push(`expected lockfileVersion 0, 1 or 2, got ${JSON.stringify(version ?? null).slice(0, 80)}`)
    if (held !== undefined && !isRecord(held)) problems.push('expected an object in packages')
    const places = placesIn(held)
    const packages = new Map<string, LockedPackage>()
    for (const [place, entry] of Object.entries(isRecord(held) ? held : {})) {
      const read = packageAt(place, entry, places)
      if (read === undefined) problems.push(`packages[${quoted(place)}]: expected a list that begins with "name@version"`)
      else packages.set(place, read)
    }
    const asked = Object.values(isRecord(workspaces) ? workspaces : {}).flatMap((workspace) =>
      // a workspace's own packages lie below its name, like those of any package
      isRecord(workspace) ? needsOf(textOf(workspace, 'name')?.slice(0, LONGEST_PLACE) ?? '', workspace, places) : [],
    )
    const graph = { packages, asked, whole: isRecord(workspaces) }
    const occurrences = occurrencesOf(graph, { at: { path: file.path }, extractor: this.id }, problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** The binary form that bun wrote before 1.2. */
export const bunLockb = {
  id: 'npm/bun-lockb',
  version: 1,
  title: 'bun.lockb',
  names: ['bun.lockb'],
  wants: ({ path }) => (path === 'bun.lockb' || path.endsWith('/bun.lockb')) && !`/${path}`.includes('/node_modules/'),
  read: (file) => Promise.resolve({ occurrences: [], gaps: gapsOf('npm/bun-lockb', file.path, [BINARY]) }),
} satisfies Extractor

const BINARY = 'the binary lock of bun is not read: `bun install --save-text-lockfile` writes it as text, into bun.lock'

/** `[ "name@version", registry, details, integrity ]`; what is not from a registry has its address for a version and no registry. */
function packageAt(place: string, entry: unknown, places: Places): LockedPackage | undefined {
  const list: readonly unknown[] = Array.isArray(entry) ? entry : []
  const [told] = list
  const at = typeof told === 'string' ? told.indexOf('@', 1) : -1
  if (typeof told !== 'string' || at < 0 || place.length > LONGEST_PLACE) return undefined
  const [name, version] = [told.slice(0, at), told.slice(at + 1)]
  const details = list.find(isRecord) ?? {}
  const needs = needsOf(place, details, places)
  if (/^(?:workspace|link|root):/.test(version) || (version.startsWith('file:') && !isArchive(version))) return { needs }
  return { installed: { name, version }, needs, hashes: list.slice(1).flatMap(hashesOf) }
}

const isArchive = (address: string): boolean => /\.(?:tgz|tar\.gz|tar)$/.test(address)

const members = [
  ['dependencies', 'runtime'],
  ['devDependencies', 'dev'],
  ['optionalDependencies', 'optional'],
  ['peerDependencies', 'peer'],
] as const satisfies readonly (readonly [string, LockScope])[]

function needsOf(place: string, details: Fields, places: Places): readonly Need[] {
  const left = new Set(Array.isArray(details['optionalPeers']) ? details['optionalPeers'] : [])
  const wanted = members.flatMap(([member, as]) => namesIn(details[member]).map((name) => ({ name, as })))
  const folders = wanted.length === 0 ? [] : foldersAbove(place, places)
  return wanted.flatMap(({ name, as }) => {
    if (as === 'peer' && left.has(name)) return []
    const to = folders.map((folder) => `${folder}${name}`).find((one) => places.all.has(one))
    return to === undefined ? [] : [{ to, as }]
  })
}

/** All places, and what stands before the name in each: only there something can be found. */
type Places = { readonly all: ReadonlySet<string>; readonly folders: ReadonlySet<string> }

function placesIn(packages: unknown): Places {
  const all = new Set(namesIn(packages).filter((place) => place.length <= LONGEST_PLACE))
  return { all, folders: new Set([...all].map((place) => `${above(place)}/`)) }
}

/** Where a package finds another: below itself, then below each place above it. */
function foldersAbove(place: string, { folders }: Places): readonly string[] {
  const found: string[] = []
  let here = place
  for (let step = 0; here !== '' && step < DEEPEST; step++) {
    if (folders.has(`${here}/`)) found.push(`${here}/`)
    here = above(here)
  }
  return [...found, '']
}

/** The place above: without its last step, which with a scope is `@scope/name`. */
function above(place: string): string {
  const slash = place.lastIndexOf('/')
  if (slash < 0) return ''
  const scoped = place.lastIndexOf('/', slash - 1)
  return place[scoped + 1] === '@' ? place.slice(0, Math.max(scoped, 0)) : place.slice(0, slash)
}

/** Deeper and longer than any real tree: nothing longer could be opened (PATH_MAX of limits.h). */
const DEEPEST = 256
const LONGEST_PLACE = 4096
