import { mayBeProgram, startsAsProgram, type Program } from '../../../formats/program-file.ts'
import { readPrograms } from '../../../formats/program.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Component, Gap, Occurrence } from '../../../model/component.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extractor, ScanFile } from '../../../model/seams.ts'
import { isGo, readBuildInfo, type BuildInfo } from './build-info.ts'
import { moduleComponent, releaseOf, standardLibrary, toolchainOf, unversioned, type Module } from './component.ts'

/** Modules told of one program: the largest we know have two thousand. */
const MOST = 100_000

/** The modules a program of Go was built from: what is really in it, tidied of what it does not need. */
export const program = {
  id: 'go/program',
  version: 1,
  title: 'Build information of Go programs',
  alone: true,
  wants: mayBeProgram,
  starts: startsAsProgram,
  async read(file) {
    const occurrences: Occurrence[] = []
    const gaps: Gap[] = []
    // What is no whole program is told once, by the unit that counts programs.
    for (const one of await readPrograms(file).catch(() => [])) {
      const { reasons, found } = await readOne(file, one)
      for (const occurrence of found) occurrences.push(occurrence)
      gaps.push(...gapsOf(program.id, file.path, reasons))
    }
    return { occurrences, gaps }
  },
} satisfies Extractor

type Told = { readonly found: readonly Occurrence[]; readonly reasons: readonly string[] }

async function readOne(file: ScanFile, one: Program): Promise<Told> {
  let info: BuildInfo | undefined
  try {
    info = await readBuildInfo(file, one)
  } catch (thrown) {
    return { found: [], reasons: [`a Go program whose build information cannot be read: ${reasonOf(thrown)}`] }
  }
  if (info !== undefined) return toldBy(info, file.path)
  return { found: [], reasons: isGo(one) ? ['a Go program without build information: the modules in it are unknown'] : [] }
}

export function toldBy({ go, modules }: BuildInfo, path: string): Told {
  const found: Occurrence[] = []
  const reasons: string[] = []
  const at = { path }
  const add = (component: Component) => found.push({ component, at, extractor: program.id })
  const addUnversioned = (name: string, why: string) => {
    const occurrence = unversioned(name, why, program.id, path)
    if (occurrence === undefined) reasons.push(`expected the path of a module in its build information, got ${quoted(name)}`)
    else found.push(occurrence)
  }
  const lines = linesOf(modules)
  const release = releaseOf(go)
  if (release === undefined) reasons.push(`built by ${quoted(go)}, which is no release of Go: its standard library is unknown`)
  else {
    add(standardLibrary(release))
    if (isTool(lines.package)) add(toolchainOf(release))
  }
  if (lines.main === undefined && !isTool(lines.package) && lines.package !== 'command-line-arguments')
    reasons.push(
      `a Go program that names no modules, those in it are unknown: ${[lines.package || '(no package)', ...lines.evidence].join(' ')}`,
    )
  if (lines.main !== undefined) {
    const component = moduleComponent(lines.main)
    if (component) add(component)
    else addUnversioned(lines.main.path, [lines.main.version || '(no version)', ...lines.evidence].join(' '))
  }
  if (lines.modules.length > MOST) reasons.push(`${lines.modules.length} modules, at most ${MOST} are listed`)
  for (const { module, replaced } of lines.modules.slice(0, MOST)) {
    const component = moduleComponent(replaced ?? module)
    if (component) add(component)
    // A folder in place of a module: the module is what the program has, in a version nobody published.
    else addUnversioned(module.path, replaced ? `${module.version} => ${replaced.path}` : module.version)
  }
  return { found, reasons }
}

/** A command that comes with Go itself. */
const isTool = (name: string): boolean => /^cmd\/[\w/.-]+$/.test(name)

type Lines = {
  /** The import path of the program. */
  readonly package: string
  readonly main?: Module
  readonly modules: readonly { readonly module: Module; readonly replaced?: Module }[]
  /** What is known of the main module where it has no version: its revision, and the version that was linked in. */
  readonly evidence: readonly string[]
}

/** Lines of runtime/debug.BuildInfo: `mod`, `dep`, `=>` for what replaces the one before, `build` with a setting. */
function linesOf(text: string): Lines {
  const modules: { module: Module; replaced?: Module }[] = []
  const evidence: string[] = []
  let main: Module | undefined
  let name = ''
  for (const line of text.split('\n')) {
    const [word, path = '', version = ''] = line.split('\t', 3)
    if (word === 'path') name = path
    else if (word === 'mod') main = { path, version }
    else if (word === 'dep') modules.push({ module: { path, version } })
    else if (word === '=>') {
      const last = modules.at(-1)
      if (last !== undefined) last.replaced = { path, version }
      else if (main !== undefined) main = { path, version }
    } else if (word === 'build') evidence.push(...evidenceOf(path))
  }
  return { package: name, ...(main && { main }), modules, evidence }
}

function evidenceOf(setting: string): readonly string[] {
  if (/^vcs\.(?:revision|time|modified)=/.test(setting)) return [setting.slice(0, 120)]
  if (!setting.startsWith('-ldflags=')) return []
  const linked = /-X[= ]\\?['"]?([\w./-]{1,200}[vV]ersion=[\w.+-]{1,80})/.exec(setting.slice(0, 4_096))?.[1]
  return linked === undefined ? [] : [`-X ${linked}`]
}
