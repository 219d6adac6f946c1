import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { moduleComponent, unversioned } from './component.ts'
import { directivesOf, releaseAsked, replacementOf, replacing, type Directive, type Replacement } from './directives.ts'
import { newestOf, sumsOf } from './go-sum.ts'
import { besideProject } from './places.ts'

/**
 * The modules a project asks for (Go modules reference, "go.mod files"). Since Go 1.17 the file names all that is built, in the
 * versions that are built; before, those that only dependencies ask for stand in `go.sum` alone.
 */
export const goMod = {
  id: 'go/go-mod',
  version: 1,
  title: 'go.mod',
  names: ['go.mod'],
  wants: ({ path }) => besideProject(path, 'go.mod'),
  async read(file, near) {
    const problems: string[] = []
    const directives = directivesOf(await file.text(), problems)
    const found = await modulesOf(directives, { path: file.path, near, problems })
    return { occurrences: found, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

type Reading = { readonly path: string; readonly near: Pick<FileTree, 'open'>; readonly problems: string[] }

async function modulesOf(directives: readonly Directive[], reading: Reading): Promise<readonly Occurrence[]> {
  const { path: at, problems } = reading
  const found: Occurrence[] = []
  const replacements = replacementsOf(directives, problems)
  const excluded = new Set(directives.filter(({ words }) => words[0] === 'exclude').map(({ words }) => `${words[1]}@${words[2]}`))
  const replacementFor = replacing(replacements)
  const named = new Set<string>()
  const add = (path: string, version: string, direct: boolean, line: number) => {
    named.add(path)
    const by = replacementFor(path, version)
    const component = excluded.has(`${path}@${version}`) ? undefined : moduleComponent(by ?? { path, version })
    const occurrence: Occurrence | undefined = component
      ? { component, at: { path: at }, extractor: goMod.id }
      : unversioned(path, by ? `${version} => ${by.path}` : version, goMod.id, at)
    if (occurrence === undefined) problems.push(`line ${line}: expected a module and its version, got ${quoted(`${path} ${version}`)}`)
    else found.push({ ...occurrence, direct })
  }
  for (const { line, words, comment } of directives) {
    if (words[0] !== 'require') continue
    const [, path, version] = words
    if (path === undefined || version === undefined || words.length > 3) problems.push(`line ${line}: expected "require module version"`)
    else add(path, version, !/^indirect\b/.test(comment), line)
  }
  const release = releaseAsked(directives)
  for (const { path, version } of await onlySummed(release, named, reading)) add(path, version, false, 0)
  const library = release === undefined ? undefined : unversioned('stdlib', release, goMod.id, at)
  if (library) found.push(library)
  return found
}

function replacementsOf(directives: readonly Directive[], problems: string[]): readonly Replacement[] {
  return directives.flatMap(({ line, words }) => {
    if (words[0] !== 'replace') return []
    const replacement = replacementOf(words)
    if (replacement === undefined) problems.push(`line ${line}: expected "replace module => module version" or a folder`)
    return replacement ?? []
  })
}

/** Before Go 1.17: modules whose content go.sum vouches for and go.mod does not name, in the newest version of each. */
async function onlySummed(release: string | undefined, named: ReadonlySet<string>, { path, near, problems }: Reading) {
  const [, major = '1', minor = '16'] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? []
  if (Number(major) > 1 || Number(minor) >= 17) return []
  const sums = await near.open(`${path.slice(0, -'go.mod'.length)}go.sum`)
  if (sums === undefined) return []
  return newestOf(sumsOf(await sums.text(), problems)).filter((module) => !named.has(module.path))
}
