import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VersionScheme } from '../../src/model/seams.ts'

const signs = { '<': -1, '=': 0, '>': 1 } as const

/** Lines `A op B` of a table of versions, op one of `<`, `=`, `>`; blank lines and comments (`#`, `//`) are left out. */
export function versionLines(text: string) {
  const lines: { line: string; left: string; right: string; order: -1 | 0 | 1 }[] = []
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith('//')) continue
    const [left, op, right, ...rest] = line.split(/\s+/)
    if (left === undefined || right === undefined || rest.length > 0 || !(op === '<' || op === '=' || op === '>'))
      throw new Error(`expected "A op B" with op one of < = >, got "${line}"`)
    lines.push({ line, left, right, order: signs[op] })
  }
  return lines
}

/** Lines of the table that the scheme does not hold, in both directions; empty when all hold. */
export function brokenLines(scheme: Pick<VersionScheme, 'compare'>, text: string) {
  return versionLines(text).flatMap(({ line, left, right, order }) => {
    const there = scheme.compare(left, right)
    const back = scheme.compare(right, left)
    const reverse = order === 0 ? 0 : -order
    return there === order && back === reverse ? [] : [`${line}: ${there} and ${back}`]
  })
}

/** What every version scheme must keep: its own table both ways, the laws of an order, and no throwing on noise. */
export function versionSchemeContract(scheme: VersionScheme, text: string): void {
  const known = [...new Set(versionLines(text).flatMap(({ left, right }) => [left, right]))]
  const letters = [...'0019.-~+:vaZbeta=^_ \tü\u0000']
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }),
    fc.constantFrom(...known),
    fc.tuple(fc.constantFrom(...known), fc.constantFrom(...letters), fc.constantFrom(...known)).map((parts) => parts.join('')),
  )
  const back = (order: -1 | 0 | 1 | undefined) => (order === undefined || order === 0 ? order : -order)

  describe(`version scheme ${scheme.id}`, () => {
    it('has a table', () => expect(known.length).toBeGreaterThan(10))
    it('orders every line of its table both ways', () => expect(brokenLines(scheme, text)).toEqual([]))
    it('orders a version equal to itself, or not at all', () => {
      for (const version of known) expect(scheme.compare(version, version)).toBe(0)
      fc.assert(fc.property(noise, (version) => [0, undefined].includes(scheme.compare(version, version))))
    })
    it('turns its answer when the sides are turned, also on noise', () => {
      fc.assert(
        fc.property(noise, noise, (a, b) => scheme.compare(b, a) === back(scheme.compare(a, b))),
        { numRuns: 2_000 },
      )
    })
    it('has no order only with what is no version at all', () => {
      fc.assert(
        fc.property(noise, noise, (a, b) => {
          const bothValid = scheme.compare(a, a) === 0 && scheme.compare(b, b) === 0
          return (scheme.compare(a, b) !== undefined) === bothValid
        }),
        { numRuns: 2_000 },
      )
    })
    it('is transitive', () => {
      fc.assert(
        fc.property(noise, noise, noise, (a, b, c) => {
          const sides = [scheme.compare(a, b), scheme.compare(b, c)]
          if (sides.includes(undefined) || (sides.includes(1) && sides.includes(-1))) return true
          const expected = sides.includes(1) ? 1 : sides.includes(-1) ? -1 : 0
          return scheme.compare(a, c) === expected
        }),
        { numRuns: 5_000 },
      )
    })
    it('does not hang on long input', () => {
      for (const unit of ['9', '1.', 'a', '~', '-', '0:', '-a', '.a', '_a', '-1', '-r1', '_p']) {
        for (const end of ['', '!', '.']) {
          const long = `1${unit.repeat(100_000)}${end}`
          expect([0, undefined]).toContain(scheme.compare(long, long))
        }
      }
    })
  })
}
