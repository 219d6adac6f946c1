/** What is taken for a version at all: one word, and no range (`1.*`, `>=2`). */
const WORD = /^[\w.+!~:@-]+$/

const replacements: Readonly<Record<string, string>> = { pre: 'c', preview: 'c', '-': 'final-', rc: 'c', dev: '@' }

/**
 * The sort key setuptools, and packaging until its version 21, gave to versions PEP 440 does not know: numbers padded to eight
 * digits, words marked by `*`, a dash before a pre-release and trailing zeros dropped. undefined: not even one of those.
 */
export function legacyKey(version: string): readonly string[] | undefined {
  const word = version.trim()
  if (!WORD.test(word)) return undefined
  const key: string[] = []
  for (const part of [...legacyParts(word.toLowerCase()), '*final']) {
    if (part.startsWith('*')) {
      if (part < '*final') while (key.at(-1) === '*final-') key.pop()
      while (key.at(-1) === '00000000') key.pop()
    }
    key.push(part)
  }
  return key
}

/** Runs of digits, runs of letters, dashes, and whatever stands between them. */
function legacyParts(version: string): string[] {
  const parts: string[] = []
  for (const [run] of version.matchAll(/\d+|[a-z]+|\.|-|[^\da-z.-]+/g)) {
    if (run === '.') continue
    const part = Object.hasOwn(replacements, run) ? (replacements[run] ?? run) : run
    parts.push(/^\d/.test(part) ? part.padStart(8, '0') : `*${part}`)
  }
  return parts
}

export function compareLegacy(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left, right] = [a[at] ?? '', b[at] ?? '']
    if (left !== right) return left < right ? -1 : 1
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}
