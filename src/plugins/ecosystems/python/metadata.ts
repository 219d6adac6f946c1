/** Fields of a package's own description (core metadata specification): the last of each name counts but where all are asked for. */
export type Metadata = {
  readonly name: string
  readonly version: string
  readonly licences: readonly string[]
}

/** Text of a field that is looked at; a licence may be written out in full. */
const LONGEST = 512

/** Reads the header of `METADATA` or `PKG-INFO`, up to its first empty line. */
export function parseMetadata(text: string): Metadata {
  const fields = new Map<string, string[]>()
  let last: string | undefined
  for (const line of headerOf(text).split(/\r?\n/)) {
    // a folded line goes on with the field before it: none of the fields asked for needs its second line
    const colon = line.startsWith(' ') || line.startsWith('\t') ? -1 : line.indexOf(':')
    if (colon < 1) {
      if (last === 'license') fields.delete('license')
      continue
    }
    last = line.slice(0, colon).toLowerCase()
    const held = fields.get(last)
    const value = line.slice(colon + 1).trim()
    if (held === undefined) fields.set(last, [value])
    else held.push(value)
  }
  return { name: fields.get('name')?.[0] ?? '', version: fields.get('version')?.[0] ?? '', licences: licencesOf(fields) }
}

function headerOf(text: string): string {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  if (/^\ufeff?\r?\n/.test(text)) return ''
  const ends = ['\n\n', '\n\r\n'].map((end) => text.indexOf(end)).filter((at) => at >= 0)
  return text.slice(start, Math.min(text.length, ...ends))
}

/** `License-Expression` (PEP 639), or what stood for it: the classifiers, or a short `License`. */
function licencesOf(fields: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const told = (name: string) => (fields.get(name) ?? []).filter((value) => value !== '' && value !== 'UNKNOWN' && value.length <= LONGEST)
  const expression = told('license-expression')
  if (expression.length > 0) return expression.slice(0, 1)
  const classified = told('classifier').flatMap((value) => /^License :: (?:OSI Approved :: )?(.+)$/.exec(value)?.[1] ?? [])
  const named = classified.filter((value) => value !== 'OSI Approved')
  return [...new Set(named.length > 0 ? named : told('license').slice(0, 1))].sort()
}
