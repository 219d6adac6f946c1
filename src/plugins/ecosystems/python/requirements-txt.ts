import { baseName, cleanPath } from '../../../kit/paths.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Gap, Occurrence, Scope } from '../../../model/component.ts'
import type { Extractor, FileTree, ScanFile } from '../../../model/seams.ts'
import { folderOf, insidePackages, normalName, pythonComponent } from './component.ts'
import { decodeRequirements, readRequirements, type Line } from './requirements-file.ts'
import { archiveOf, parseRequirement, withoutSecrets, type Requirement } from './requirement.ts'

const NAMED = /^(?:[\w.-]*[-_.])?requirements?(?:[-_.][\w.-]*)?\.(?:txt|in)$/i
const CONSTRAINTS = /^(?:[\w.-]*[-_.])?constraints?(?:[-_.][\w.-]*)?\.txt$/i
const IN_FOLDER = /(?:^|\/)(?:requirements|reqs)\/[^/]+\.(?:txt|in)$/i
const FOR_DEVELOPMENT = /(?:^|[-_./])(?:dev|devel|development|tests?|testing|docs?|lint|linting|typing|ci|build)(?:[-_./]|$)/i
/** Files that one file leads to; pip has no limit. */
const MOST_FILES = 64

/**
 * What a requirements file asks for. A version that is pinned (`==`), by itself or by a constraints file, is taken for installed;
 * a range is only declared. Files it includes under names nobody else reads are read with it.
 */
export const requirementsTxt = {
  id: 'python/requirements',
  version: 1,
  title: 'requirements.txt and constraints.txt',
  names: ['*.txt', '*.in'],
  wants: ({ path }) => isWanted(path),
  async read(file, near) {
    const gaps: Gap[] = []
    const tell = (path: string, problems: readonly string[]) => gaps.push(...gapsOf(this.id, path, problems))
    // what is compiled from it lies beside it and says more
    if (file.path.endsWith('.in') && (await near.open(file.path.replace(/\.in$/, '.txt'))) !== undefined) return { occurrences: [], gaps }
    const files = await includedFiles(file, near, tell)
    const pins = await constraintPins(files, near)
    const occurrences = files.flatMap(({ path, lines }) => {
      const problems: string[] = []
      const found = occurrencesIn(path, lines, CONSTRAINTS.test(baseName(path)), pins, problems)
      tell(path, problems)
      return found
    })
    // the file itself is what was looked at: problems of what it includes are its own
    return { occurrences: occurrences.map((one) => ({ ...one, extractor: this.id })), gaps }
  },
} satisfies Extractor

function isWanted(path: string): boolean {
  const name = baseName(path)
  if (!name.endsWith('.txt') && !name.endsWith('.in')) return false
  return (NAMED.test(name) || CONSTRAINTS.test(name) || IN_FOLDER.test(path)) && !insidePackages.test(path)
}

type Read = { readonly path: string; readonly lines: readonly Line[] }

/** The file and those it includes, each once; not those that are read for themselves. */
async function includedFiles(
  file: ScanFile,
  near: Pick<FileTree, 'open'>,
  tell: (path: string, problems: string[]) => void,
): Promise<Read[]> {
  const files: Read[] = [{ path: file.path, lines: readRequirements(decodeRequirements(await file.bytes())) }]
  const seen = new Set([file.path])
  for (let at = 0; at < files.length; at++) {
    const { path, lines = [] } = files[at] ?? {}
    for (const line of lines) {
      if (line.is !== 'include') continue
      const target = path === undefined ? undefined : beside(path, line.path)
      if (target === undefined)
        tell(file.path, [`includes ${quoted(withoutSecrets(line.path))}, which is not in what was looked at: its packages are unknown`])
      if (target === undefined || seen.has(target)) continue
      seen.add(target)
      if (files.length >= MOST_FILES) {
        tell(file.path, [`includes more than ${MOST_FILES} files: not read further`])
        return files
      }
      const opened = await near.open(target)
      if (opened === undefined) tell(file.path, [`includes ${quoted(line.path)}, which is not there: its packages are unknown`])
      else if (!isWanted(target)) files.push({ path: target, lines: readRequirements(decodeRequirements(await opened.bytes())) })
    }
  }
  return files
}

/** Where a path written in a file leads; undefined: out of the tree, or to another machine. */
function beside(path: string, written: string): string | undefined {
  if (/^[\w+.-]+:\/\//.test(written) || written.startsWith('/')) return undefined
  const steps = folderOf(path).split('/').slice(0, -1)
  for (const step of written.split('/')) {
    if (step === '..') {
      if (steps.pop() === undefined) return undefined
    } else if (step !== '.' && step !== '') steps.push(step)
  }
  return cleanPath(steps.join('/'))
}

/** Versions that constraints files give to names: they install nothing themselves. */
async function constraintPins(files: readonly Read[], near: Pick<FileTree, 'open'>): Promise<ReadonlyMap<string, string>> {
  const pins = new Map<string, string>()
  const paths = files.flatMap(({ path, lines }) => lines.flatMap((line) => (line.is === 'constrain' ? [beside(path, line.path)] : [])))
  for (const path of [...new Set(paths)].slice(0, MOST_FILES)) {
    const file = path === undefined ? undefined : await near.open(path)
    for (const line of file ? readRequirements(decodeRequirements(await file.bytes())) : []) {
      const asked = line.is === 'requirement' ? parseRequirement(line.text) : undefined
      if (asked?.pin !== undefined && !pins.has(normalName(asked.name))) pins.set(normalName(asked.name), asked.pin)
    }
  }
  return pins
}

type Found = Omit<Occurrence, 'extractor'>

function occurrencesIn(
  path: string,
  lines: readonly Line[],
  constraints: boolean,
  pins: ReadonlyMap<string, string>,
  problems: string[],
): Found[] {
  const compiled = lines.some((line) => line.is === 'requirement' && line.via.length > 0)
  const scope: Scope = FOR_DEVELOPMENT.test(path.slice(path.lastIndexOf('/', path.lastIndexOf('/') - 1) + 1)) ? 'dev' : 'runtime'
  const found: { readonly of: Found; readonly via: readonly string[] }[] = []
  for (const line of lines) {
    if (line.is !== 'requirement') continue
    const asked = requirementOf(line)
    if (asked === 'own') continue
    const version =
      asked && !constraints ? (asked.pin ?? (asked.asked.startsWith('@') ? undefined : pins.get(normalName(asked.name)))) : undefined
    const component = asked && pythonComponent(asked.name, version ?? '')
    if (asked === undefined || component === undefined) {
      problems.push(`expected a requirement, got ${quoted(withoutSecrets(line.text))}`)
      continue
    }
    const direct = !constraints && (!compiled || line.via.some(isProject))
    found.push({
      of: {
        component,
        at: { path },
        ...(version === undefined ? { scope: 'declared', ...(asked.asked !== '' && { requirement: asked.asked }) } : { scope }),
        ...(direct && { direct: true }),
        ...(line.hashes.length > 0 && { hashes: [...new Set(line.hashes)].sort() }),
      },
      via: line.via,
    })
  }
  return withNeeds(found)
}

/** `-r requirements.in`, `project (pyproject.toml)`: asked for by the project itself. */
const isProject = (via: string) => via.startsWith('-r ') || via.endsWith(')')

/** Who asked for a package needs it. */
function withNeeds(found: readonly { readonly of: Found; readonly via: readonly string[] }[]): Found[] {
  const needs = new Map<string, Set<string>>()
  for (const { of, via } of found) {
    for (const name of via.filter((each) => !isProject(each)).map(normalName)) {
      const held = needs.get(name)
      if (held === undefined) needs.set(name, new Set([of.component.purl]))
      else held.add(of.component.purl)
    }
  }
  return found.map(({ of }) => {
    const needed = needs.get(of.component.name)
    return needed === undefined ? of : { ...of, dependsOn: [...needed].sort() }
  })
}

/** `own`: a folder of this machine, as the project itself is. A bare address may tell the name by its archive or by `#egg=`. */
function requirementOf({ text, editable }: { readonly text: string; readonly editable: boolean }): Requirement | 'own' | undefined {
  const named = editable ? undefined : parseRequirement(text)
  if (named !== undefined) return named
  const [address = ''] = text.split(/\s|;/, 1)
  const archive = archiveOf(address)
  const egg = /[#&]egg=([\w.-]+)/.exec(text)?.[1]
  const isAddress = /^[\w+.-]+:\/\//.test(address) || address.startsWith('git+')
  if (archive !== undefined && !editable)
    return { name: archive.name, extras: [], asked: `@ ${withoutSecrets(address)}`, pin: archive.version }
  if (isAddress && !/^(?:\w+\+)?file:/.test(address))
    return egg === undefined ? undefined : { name: egg, extras: [], asked: `@ ${withoutSecrets(address)}` }
  return /^(?:(?:\w+\+)?file:|\.{1,2}(?:\/|\[|$)|\/)|^[\w.-]+\/|^\.$/.test(address) || editable ? 'own' : undefined
}
