import { isRecord } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { insidePackages, pythonComponent } from './component.ts'
import { condaComponent, parseMatchSpec } from './conda.ts'
import { parseRequirement } from './requirement.ts'
import { requirementsTxt } from './requirements-txt.ts'

type Found = Pick<Occurrence, 'component' | 'scope' | 'requirement'>

/** What a conda environment asks for: `environment.yml`, from `conda env export` with a version and a build each, or by hand. */
export const condaEnvironment = {
  id: 'python/conda-environment',
  version: 1,
  title: 'environment.yml of conda',
  names: ['*.yml', '*.yaml'],
  wants: ({ path }) => /^(?:[\w.-]*[-_.])?environment(?:[-_.][\w.-]*)?\.ya?ml$/.test(baseName(path)) && !insidePackages.test(path),
  async read(file) {
    const environment = await parseYaml(await file.text())
    const dependencies = isRecord(environment) ? environment['dependencies'] : undefined
    // other tools have files of this name
    if (dependencies === undefined) return { occurrences: [], gaps: [] }
    const problems = Array.isArray(dependencies) ? [] : ['expected a list of dependencies']
    const found = (Array.isArray(dependencies) ? dependencies : []).flatMap((entry: unknown) => foundIn(entry, problems))
    const occurrences = found.map((one): Occurrence => ({ ...one, at: { path: file.path }, extractor: this.id, direct: true }))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A package of conda, or `pip:` with requirements of pip. */
function foundIn(entry: unknown, problems: string[]): Found[] {
  if (isRecord(entry) && Array.isArray(entry['pip'])) return entry['pip'].flatMap((line: unknown) => pipRequirement(line, problems))
  if (typeof entry !== 'string') {
    problems.push('expected a package of conda, or a list of them for pip')
    return []
  }
  const spec = parseMatchSpec(entry, problems)
  const component = spec && condaComponent(spec.name, spec.pin ?? '')
  if (spec !== undefined && component === undefined) problems.push(`expected a package of conda, got ${quoted(entry)}`)
  return spec === undefined || component === undefined ? [] : [{ component, ...asking(spec) }]
}

function pipRequirement(line: unknown, problems: string[]): Found[] {
  const text = typeof line === 'string' ? line.trim() : ''
  if (text.startsWith('-') || text.startsWith('.')) return pipOption(text, problems)
  const asked = parseRequirement(text)
  const component = asked && pythonComponent(asked.name, asked.pin ?? '')
  if (asked !== undefined && component !== undefined) return [{ component, ...asking(asked) }]
  problems.push(`expected a requirement, got ${quoted(text)}`)
  return []
}

/** Options and folders name no packages, but for a file that does: it is read for itself under the names such files have. */
function pipOption(text: string, problems: string[]): Found[] {
  const file = /^(?:-r|--requirement[= ])\s*(\S+)/.exec(text)?.[1]
  if (file !== undefined && !requirementsTxt.wants({ path: file, size: 1, mode: 0o644 }))
    problems.push(`includes ${quoted(file)}, which is not read under that name: its packages are unknown`)
  return []
}

const asking = ({ pin, asked }: { readonly pin?: string; readonly asked: string }): Pick<Found, 'scope' | 'requirement'> =>
  pin !== undefined ? { scope: 'runtime' } : { scope: 'declared', ...(asked !== '' && { requirement: asked }) }
