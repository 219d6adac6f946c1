import type { FileTree } from '../../../model/seams.ts'
import { cleanPath } from '../../../kit/paths.ts'
import { quoted } from '../../../formats/problems.ts'
import type { LockedGraph, LockedPackage, LockScope, Need } from './locked-graph.ts'
import { folderOf, projectIn } from './project.ts'
import type { Syml, SymlEntry } from './syml.ts'
import { isOwn } from './yarn-locator.ts'
import { finder, pairsIn, partsOf, textIn } from './yarn-names.ts'

type Find = (name: string, range: string) => string | undefined

/** Workspaces whose `package.json` is opened; those of others have no known scope. */
const MOST_WORKSPACES = 5_000

/**
 * A lock of yarn 2 and later (yarnpkg.com, "Lexicon" and "Protocols"): each entry names the locator it was resolved to.
 * Workspaces are entries too, without a word on what is for development: their `package.json` has it.
 */
export async function berryGraph(
  all: readonly SymlEntry[],
  path: string,
  near: Pick<FileTree, 'open'>,
  problems: string[],
): Promise<LockedGraph> {
  const entries = all.filter(({ keys }) => keys[0] !== '__metadata')
  const find = finder(entries.flatMap(({ keys }) => descriptorsOf(keys).map((descriptor) => [descriptor, keys[0] ?? ''] as const)))
  const packages = new Map<string, LockedPackage>()
  const asked: Need[] = []
  let whole = true
  let opened = 0
  for (const { line, keys, fields } of entries) {
    const id = keys[0] ?? ''
    const locator = partsOf(textIn(fields, 'resolution') ?? '')
    const version = textIn(fields, 'version')
    if (locator === undefined || version === undefined) {
      problems.push(`line ${line}: expected a package with its resolution and its version, got ${quoted(id)}`)
      continue
    }
    const needs = needsOf(fields, find)
    if (locator.range.startsWith('workspace:')) {
      const folder = cleanPath(locator.range.slice('workspace:'.length))
      const place =
        folder === undefined || opened++ >= MOST_WORKSPACES ? undefined : `${folderOf(path)}${folder === '' ? '' : `${folder}/`}`
      const project = place === undefined ? undefined : await projectIn(place, near)
      whole &&= project !== undefined
      // without its manifest nobody knows what it is for: the weakest word, which is told of none then
      const reasonFor = (name: string): LockScope => (project === undefined ? 'dev' : (project.asks.get(name)?.as ?? 'runtime'))
      asked.push(...needs.flatMap(({ name, to, as }) => (as === 'peer' ? [] : [{ to, as: weaker(reasonFor(name), as) }])))
      packages.set(id, { needs: [] })
    } else {
      const own = textIn(fields, 'linkType') === 'soft' || isOwn(locator.range)
      const hashes = locator.range.startsWith('npm:') ? checksumOf(textIn(fields, 'checksum')) : []
      packages.set(id, { ...(!own && { installed: { name: locator.name, version } }), needs, hashes })
    }
  }
  return { packages, asked, whole }
}

/** Several descriptors share an entry as one text: `"a@npm:^1, a@npm:^1.2"`. */
const descriptorsOf = (keys: readonly string[]): readonly string[] => keys.flatMap((key) => key.split(/, */))

function needsOf(fields: SymlEntry['fields'], find: Find): readonly (Need & { readonly name: string })[] {
  const isOptional = (meta: string, name: string) => {
    const told = (fields.get(meta) as Syml | undefined) ?? ''
    const one = typeof told === 'string' ? undefined : told.get(name)
    return one instanceof Map && one.get('optional') === 'true'
  }
  const need = (name: string, range: string, as: LockScope) => {
    const to = find(name, range)
    return to === undefined ? [] : [{ name, to, as }]
  }
  return [
    ...pairsIn(fields, 'dependencies').flatMap(([name, range]) =>
      need(name, range, isOptional('dependenciesMeta', name) ? 'optional' : 'runtime'),
    ),
    ...pairsIn(fields, 'peerDependencies').flatMap(([name, range]) =>
      isOptional('peerDependenciesMeta', name) ? [] : need(name, range, 'peer'),
    ),
  ]
}

const order: readonly LockScope[] = ['runtime', 'peer', 'optional', 'dev']
const weaker = (a: LockScope, b: LockScope): LockScope => (order.indexOf(a) > order.indexOf(b) ? a : b)

/** Of the archive in yarn's cache, behind the name of the cache's form: `10c0/<hex>`. */
function checksumOf(checksum: string | undefined): readonly string[] {
  const hex = /^(?:\w{1,16}\/)?([0-9a-f]{128})$/.exec(checksum ?? '')?.[1]
  return hex === undefined ? [] : [`sha512:${hex}`]
}
