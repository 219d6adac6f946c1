import { compareDigits } from '../../../formats/digits.ts'

/** Whether one of two versions of the same module is the later, as the go command orders them (SemVer 2.0.0, without `+build`). */
export function isLater(left: string, right: string): boolean {
  const [a, b] = [partsOf(left), partsOf(right)]
  for (let index = 0; index < 3; index++) {
    const order = compareDigits(a.numbers[index] ?? '', b.numbers[index] ?? '')
    if (order !== 0) return order > 0
  }
  if (a.words.length === 0 || b.words.length === 0) return a.words.length === 0 && b.words.length > 0
  for (let index = 0; index < Math.min(a.words.length, b.words.length); index++) {
    const [x, y] = [a.words[index]!, b.words[index]!]
    if (x === y) continue
    const [xDigits, yDigits] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (xDigits && yDigits) return compareDigits(x, y) > 0
    return xDigits === yDigits ? x > y : yDigits
  }
  return a.words.length > b.words.length
}

function partsOf(version: string): { readonly numbers: readonly string[]; readonly words: readonly string[] } {
  const [core = ''] = version.replace(/^v/, '').split('+', 1)
  const hyphen = core.indexOf('-')
  const numbers = hyphen === -1 ? core : core.slice(0, hyphen)
  return { numbers: numbers.split('.', 3), words: hyphen === -1 ? [] : core.slice(hyphen + 1).split('.') }
}
