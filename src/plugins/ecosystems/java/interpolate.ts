/** Characters of one text when all is replaced, and properties replaced for it: some may name others many times over. */
const LONGEST = 4_096
const MOST = 256
/** Properties that name properties. */
const DEEPEST = 32

/**
 * A text with its `${property}` replaced by what `valueOf` says. undefined: one of them is not known, names itself, or the whole
 * grows past any honest length.
 */
export function interpolate(text: string, valueOf: (property: string) => string | undefined): string | undefined {
  let replaced = 0
  const inner = (part: string, depth: number): string | undefined => {
    if (!part.includes('${')) return part
    if (depth > DEEPEST) return undefined
    let whole = ''
    let at = 0
    for (let from = part.indexOf('${'); from >= 0; from = part.indexOf('${', at)) {
      const end = part.indexOf('}', from)
      const value = end < 0 || ++replaced > MOST ? undefined : valueOf(part.slice(from + 2, end).trim())
      const told = value === undefined ? undefined : inner(value, depth + 1)
      if (told === undefined) return undefined
      whole += part.slice(at, from) + told
      at = end + 1
      if (whole.length > LONGEST) return undefined
    }
    return whole + part.slice(at)
  }
  const whole = inner(text, 0)
  return whole !== undefined && whole.length <= LONGEST ? whole : undefined
}
