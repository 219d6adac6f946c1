import { isRecord, namesIn } from '../../../formats/json.ts'
import { quoted } from '../../../formats/problems.ts'
import { hashesOf } from './integrity.ts'
import { licencesOf } from './licences.ts'

/** One place in the tree a lock file describes. Paths are as lock versions 2 and 3 write them: `node_modules/a/node_modules/b`. */
export type LockEntry = {
  readonly path: string
  /** undefined: nothing that came from a registry, git or an address (the project, a workspace, a link). */
  readonly installed?: { readonly name: string; readonly version: string }
  readonly scope: 'runtime' | 'dev' | 'optional' | 'peer'
  /** Names this place asks for. */
  readonly needs: readonly string[]
  readonly hashes?: readonly string[]
  readonly licences?: readonly string[]
}
export type LockEntries = { readonly entries: ReadonlyMap<string, LockEntry>; readonly problems: readonly string[] }

/** Deeper than any real tree; deeper ones are damage. */
const DEEPEST = 256
/** Characters of a place (PATH_MAX of limits.h): nothing longer can be opened. */
const LONGEST_PATH = 4096
/** Characters of all places spelled out of nested dependencies: a small file could name few parents for very many children. */
const MOST_SPELLED = 64 << 20

/** Entries of `packages` (lock versions 2 and 3): package-lock.json(5). */
export function entriesOfPackages(packages: Readonly<Record<string, unknown>>): LockEntries {
  const entries = new Map<string, LockEntry>()
  const problems: string[] = []
  for (const [path, value] of Object.entries(packages)) {
    const entry = isRecord(value) ? entryOfPackage(path, value) : 'expected an object'
    if (typeof entry === 'string') problems.push(`packages[${quoted(path)}]: ${entry}`)
    else entries.set(path, entry)
  }
  return { entries, problems }
}

function entryOfPackage(path: string, value: Readonly<Record<string, unknown>>): LockEntry | string {
  if (path.length > LONGEST_PATH) return `a path of more than ${LONGEST_PATH} characters`
  const needs = [...namesIn(value['dependencies']), ...namesIn(value['optionalDependencies']), ...namesIn(value['peerDependencies'])]
  const inside = path.lastIndexOf('node_modules/')
  const entry = { path, scope: scopeOf(value), needs: inside < 0 ? [...needs, ...namesIn(value['devDependencies'])] : needs }
  const { name = path.slice(inside + 'node_modules/'.length), version, link } = value
  if (inside < 0 || link === true || version === undefined) return entry
  if (typeof name !== 'string' || typeof version !== 'string') return 'expected text in name and version'
  return { ...entry, installed: { name, version }, hashes: hashesOf(value['integrity']), licences: licencesOf(value) }
}

/** Entries of the nested `dependencies` of lock version 1, brought to the same paths. */
export function entriesOfDependencies(dependencies: Readonly<Record<string, unknown>>): LockEntries {
  const entries = new Map<string, LockEntry>()
  const problems: string[] = []
  const open = [{ above: '', depth: 1, dependencies }]
  let spelled = 0
  for (let level = open.pop(); level; level = open.pop()) {
    for (const [name, value] of Object.entries(level.dependencies)) {
      const path = `${level.above}node_modules/${name}`
      spelled += path.length
      if (spelled > MOST_SPELLED) {
        problems.push(`dependencies whose paths have more than ${MOST_SPELLED} characters together: not read further`)
        return { entries, problems }
      }
      const entry = isRecord(value) ? entryOfDependency(path, name, value) : 'expected an object'
      if (typeof entry === 'string') {
        problems.push(`${quoted(path)}: ${entry}`)
        continue
      }
      entries.set(path, entry)
      const nested = isRecord(value) ? value['dependencies'] : undefined
      if (!isRecord(nested)) continue
      if (level.depth === DEEPEST) problems.push(`${quoted(path)}: dependencies nested deeper than ${DEEPEST} are not read`)
      else open.push({ above: `${path}/`, depth: level.depth + 1, dependencies: nested })
    }
  }
  return { entries, problems }
}

function entryOfDependency(path: string, name: string, value: Readonly<Record<string, unknown>>): LockEntry | string {
  if (path.length > LONGEST_PATH) return `a path of more than ${LONGEST_PATH} characters`
  const { version } = value
  const entry = { path, scope: scopeOf(value), needs: namesIn(value['requires']) }
  if (version === undefined) return entry
  if (typeof version !== 'string') return 'expected text in version'
  // a folder beside the project, linked and not installed
  if (version.startsWith('file:') && !/\.(?:tgz|tar|tar\.gz)$/.test(version)) return entry
  const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)@(.+)$/.exec(version.slice(0, 1024))
  return { ...entry, installed: { name: alias?.[1] ?? name, version: alias?.[2] ?? version }, hashes: hashesOf(value['integrity']) }
}

/** Neither `optional` nor `dev` alone keeps `devOptional` out of a production install: it counts as optional. */
function scopeOf(value: Readonly<Record<string, unknown>>): LockEntry['scope'] {
  if (value['dev'] === true) return 'dev'
  if (value['optional'] === true || value['devOptional'] === true) return 'optional'
  return value['peer'] === true ? 'peer' : 'runtime'
}
