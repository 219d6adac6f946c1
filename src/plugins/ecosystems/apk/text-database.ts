import type { PathBudget } from '../../../formats/path-budget.ts'
import { isVirtual, problemOf, type ApkPackage } from './apk-package.ts'

/** Fields of a package, one letter, a colon and the value on each line (apk-v2(5), "installed"). */
type Fields = {
  name?: string
  version?: string
  arch?: string
  origin?: string
  licence?: string
  depends: string[]
  provides: string[]
  files: string[]
}

/** Packages between empty lines. A database that ends in mid-line was cut, and the cut line is not believed. */
export function* readText(text: string, budget: PathBudget, onProblem: (reason: string) => void): Generator<ApkPackage> {
  let fields: Fields | undefined
  let folder = ''
  let line = 0
  let first = 0
  const whole = text.endsWith('\n')
  const lines = text.split('\n')
  if (!whole && text !== '') onProblem(`line ${lines.length}: ends in mid-line (apk ends every line): what followed is not known`)
  lines.pop()
  for (const raw of [...lines, '']) {
    line++
    const given = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (given === '') {
      const done = fields && finished(fields, first, onProblem)
      if (done) yield done
      fields = undefined
      folder = ''
      continue
    }
    if (fields === undefined) first = line
    fields ??= { depends: [], provides: [], files: [] }
    if (given.charCodeAt(1) !== 58) onProblem(`line ${line}: expected a letter and a colon`)
    else folder = takeField(fields, given.charAt(0), given.slice(2), { folder, budget })
  }
}

/** Returns the folder that the files of later lines are in. */
function takeField(
  fields: Fields,
  key: string,
  value: string,
  { folder, budget }: { readonly folder: string; readonly budget: PathBudget },
): string {
  switch (key) {
    case 'P':
      fields.name = value
      break
    case 'V':
      fields.version = value
      break
    case 'A':
      fields.arch = value
      break
    case 'o':
      fields.origin = value
      break
    case 'L':
      fields.licence = value
      break
    case 'D':
      fields.depends = words(value)
      break
    case 'p':
      fields.provides = words(value)
      break
    case 'F':
      return value
    case 'R':
      fields.files.push(...[budget.join(folder, value)].filter((path) => path !== undefined))
      break
    default: // checksums, sizes, times, rights: nothing of ours
  }
  return folder
}

const words = (value: string): string[] => value.split(/\s+/).filter((word) => word !== '')

function finished(fields: Fields, line: number, onProblem: (reason: string) => void): ApkPackage | undefined {
  if (isVirtual(fields.name)) return undefined
  const problem = problemOf(fields)
  if (problem !== undefined) {
    onProblem(`line ${line}: ${problem}`)
    return undefined
  }
  return { ...fields, name: fields.name ?? '', version: fields.version ?? '' }
}
