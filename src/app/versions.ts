import { AppError } from '../model/errors.ts'
import type { VersionScheme } from '../model/seams.ts'
import { schemes } from '../plugins/schemes/index.ts'

export type Order = '<' | '=' | '>'
export type WrongLine = { /** From 1. */ readonly line: number; readonly text: string; readonly why: string }

/** Order of two versions. `name`: a scheme's id, or an OSV ecosystem's name, whatever its case or release (`Debian:12`). */
export function compareVersions(name: string, left: string, right: string): Order {
  const scheme = schemeNamed(name)
  const order = scheme.compare(left, right)
  if (order !== undefined) return words[order + 1] ?? '='
  const stranger = [left, right].find((version) => scheme.compare(version, version) === undefined) ?? left
  throw new AppError('invalid', `Expected two versions of ${scheme.title}; ${JSON.stringify(stranger)} is none.`)
}

/** Judges lines `A op B` both ways round; blank lines and comments (`#`, `//`) are skipped. A line of another form is wrong. */
export function checkVersions(name: string, text: string): { readonly checked: number; readonly wrong: readonly WrongLine[] } {
  const scheme = schemeNamed(name)
  const wrong: WrongLine[] = []
  let checked = 0
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith('//')) continue
    checked++
    const why = faultOf(line, scheme)
    if (why !== undefined) wrong.push({ line: index + 1, text: line, why })
  }
  return { checked, wrong }
}

const words: readonly Order[] = ['<', '=', '>']
const allows: Readonly<Record<string, readonly Order[]>> = {
  '<': ['<'],
  '<=': ['<', '='],
  '=': ['='],
  '==': ['='],
  '>=': ['>', '='],
  '>': ['>'],
  '!=': ['<', '>'],
}

function faultOf(line: string, scheme: VersionScheme): string | undefined {
  const [left, op, right, ...rest] = line.split(/\s+/)
  const allowed = op === undefined || !Object.hasOwn(allows, op) ? undefined : allows[op]
  if (left === undefined || right === undefined || allowed === undefined || rest.length > 0)
    return 'expected `A op B` with op <, <=, =, >=, > or !='
  const order = scheme.compare(left, right)
  const back = scheme.compare(right, left)
  if (order === undefined || back === undefined) return `cannot be ordered by ${scheme.id}`
  const found = words[order + 1] ?? '='
  if (order + back !== 0) return `compares ${found}, and ${words[back + 1]} the other way round`
  return allowed.includes(found) ? undefined : `compares ${found}`
}

function schemeNamed(name: string): VersionScheme {
  const word = name.toLowerCase().split(':')[0] ?? ''
  const scheme = schemes.find(({ id, names }) => id === word || names.includes(word))
  if (scheme !== undefined) return scheme
  const known = schemes.flatMap(({ id, names }) => [id, ...names]).toSorted()
  throw new AppError('invalid', `Expected a version scheme (${known.join(', ')}), got ${JSON.stringify(name)}.`)
}
