/** Order of two runs of decimal digits as numbers, of any length; an empty run is zero. */
export function compareDigits(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [withoutZeros(left), withoutZeros(right)]
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return compareText(a, b)
}

/** Order of two texts by UTF-16 code units. */
export const compareText = (left: string, right: string): -1 | 0 | 1 => (left < right ? -1 : left > right ? 1 : 0)

export const isDigits = (text: string): boolean => /^\d+$/.test(text)

function withoutZeros(digits: string): string {
  let at = 0
  while (digits.charCodeAt(at) === 48) at++
  return digits.slice(at)
}
