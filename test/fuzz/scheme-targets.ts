import { schemes } from '../../src/plugins/schemes/index.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VersionScheme } from '../../src/model/seams.ts'
import { Broken, type FuzzTarget } from './target.ts'

/** Every version scheme, on lines of its own table: up to three versions, split at blanks. */
export function schemeTargets(): readonly FuzzTarget[] {
  return schemes.map((scheme) => ({
    id: `schemes/${scheme.id}`,
    seeds: linesOf(scheme.id).map((line) => Buffer.from(line)),
    shape: 'text',
    run: async (input) => judged(scheme, input.toString('utf8')),
  }))
}

function linesOf(id: string): readonly string[] {
  const table = readFileSync(join(import.meta.dirname, '../../src/plugins/schemes', id, 'fixtures/versions.txt'), 'utf8')
  const versions = table
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(?:#|\/\/)/.test(line))
    .map((line) => line.trim().split(/\s+[<=>]\s+/))
  return versions.map((pair, at) => [...pair, versions[(at + 1) % versions.length]![0]].join('\n'))
}

/**
 * Orders that are not ours to mend: Maven's goes round in a circle where a word follows a dot (1.f-2 < 1a1 < 1 < 1.f-2), and to PHP `#` is
 * equal to any number.
 */
const circular: ReadonlySet<string> = new Set(['composer', 'maven'])

function judged({ id, compare }: VersionScheme, text: string): unknown {
  const [a = '', b = '', c = ''] = text.split('\n')
  const [ab, ba, bc, ac] = [compare(a, b), compare(b, a), compare(b, c), compare(a, c)]
  const itself = [a, b, c].map((one) => compare(one, one))
  const words = JSON.stringify([a, b, c]).slice(0, 300)
  for (const order of [ab, ba, bc, ac, ...itself])
    if (![-1, 0, 1, undefined].includes(order)) throw new Broken(`${order} is no order: ${words}`)
  if (itself.some((order) => order !== 0 && order !== undefined)) throw new Broken(`not equal to itself: ${words}`)
  if (ab === undefined ? ba !== undefined : ba === undefined || ab + ba !== 0) throw new Broken(`${ab}, turned ${ba}: ${words}`)
  if ((ab !== undefined) !== (itself[0] === 0 && itself[1] === 0))
    throw new Broken(`ordered with what is no version, or not with one: ${words}`)
  if (!circular.has(id) && ab !== undefined && bc !== undefined && (ac === undefined || !follows(ab, bc, ac)))
    throw new Broken(`${ab}, ${bc}, but ${ac}: ${words}`)
  return [ab, bc, ac]
}

const follows = (ab: number, bc: number, ac: number): boolean => (ab === 0 ? ac === bc : bc === 0 ? ac === ab : ab !== bc || ac === ab)
