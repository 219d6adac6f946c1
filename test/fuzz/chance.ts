/** Numbers by chance that a seed repeats (xorshift32). */
export type Chance = {
  /** A whole number from 0 to below `most`. */
  below(most: number): number
  of<T>(items: ArrayLike<T>): T
  one(in_: number): boolean
}

export function chanceOf(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  for (let warm = 0; warm < 8; warm++) next()
  const below = (most: number) => (most <= 1 ? 0 : next() % most)
  return { below, of: (items) => items[below(items.length)]!, one: (in_) => below(in_) === 0 }
}

/** A number for a text, to give every target a run of chance of its own. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
