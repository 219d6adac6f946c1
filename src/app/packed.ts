import { AppError } from '../model/errors.ts'

/**
 * Plain data on its way to another process, every text a number that stands for it: a million packages of one file name its path
 * once, there as here. Data with numbers of its own cannot be packed.
 */
export type Packing = { pack(value: unknown): unknown; takeTexts(): readonly string[] }

/** `most`: characters of all texts together. Past that, throws AppError `invalid`. */
export function packing(most: number): Packing {
  const numbers = new Map<string, number>()
  let fresh: string[] = []
  let length = 0
  const numberOf = (text: string): number => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    length += text.length
    if (length > most)
      throw new AppError('invalid', `the names, versions and paths of its packages have more than ${most} characters: not kept`)
    fresh.push(text)
    numbers.set(text, numbers.size)
    return numbers.size - 1
  }
  return {
    pack: (value) => mapped(value, (leaf) => (typeof leaf === 'string' ? numberOf(leaf) : leaf)),
    takeTexts() {
      const taken = fresh
      fresh = []
      return taken
    },
  }
}

/** The other end: what was packed, given all texts so far. */
export function unpacked(value: unknown, texts: readonly string[]): unknown {
  return mapped(value, (leaf) => (typeof leaf === 'number' ? texts[leaf] : leaf))
}

function mapped(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, leaf))
  if (typeof value !== 'object' || value === null) return leaf(value)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) copy[name] = mapped(member, leaf)
  return copy
}
