import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { moduleComponent, type Module } from './component.ts'
import { isLater } from './later.ts'
import { besideProject } from './places.ts'

const MOST = 200_000

const ID = 'go/go-sum'

/**
 * Checksums of modules (Go modules reference, "go.sum files"): read where no go.mod beside it says what is built. It keeps old
 * versions, too: the newest of each whose content, not only its go.mod, was once needed.
 */
export const goSum = {
  id: ID,
  version: 1,
  title: 'go.sum without go.mod',
  names: ['go.sum'],
  wants: ({ path }) => besideProject(path, 'go.sum'),
  async read(file, near) {
    if ((await near.open(`${file.path.slice(0, -'go.sum'.length)}go.mod`)) !== undefined) return { occurrences: [], gaps: [] }
    const problems: string[] = []
    const modules = newestOf(sumsOf(await file.text(), problems))
    return {
      occurrences: modules.flatMap((module) => {
        const component = moduleComponent(module)
        return component === undefined ? [] : [{ component, at: { path: file.path }, extractor: ID }]
      }),
      gaps: gapsOf(ID, file.path, problems),
    }
  },
} satisfies Extractor

/** Modules of which the content was needed: lines `module version h1:sum`, without those of `version/go.mod`. */
export function sumsOf(text: string, problems: string[]): readonly Module[] {
  const modules: Module[] = []
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    const words = raw.length > 4_096 ? [] : raw.trim().split(/\s+/)
    if (words.length === 1 && words[0] === '') continue
    const [path, version, sum] = words
    if (path === undefined || version === undefined || sum === undefined || !/^h\d{1,3}:/.test(sum) || words.length > 3)
      problems.push(`line ${line}: expected "module version h1:sum" of go.sum`)
    else if (modules.length === MOST) {
      problems.push(`more than ${MOST} modules: the rest is not read`)
      break
    } else if (moduleComponent({ path, version })) modules.push({ path, version })
    else if (!version.endsWith('/go.mod')) problems.push(`line ${line}: expected a module and its version, got another form`)
  }
  return modules
}

export function newestOf(modules: readonly Module[]): readonly Module[] {
  const newest = new Map<string, Module>()
  for (const module of modules) {
    const held = newest.get(module.path)
    if (held === undefined || isLater(module.version, held.version)) newest.set(module.path, module)
  }
  return [...newest.values()]
}
