/** The parts of a package URL (ECMA-427), percent-decoded; name and namespace keep their case. */
export type Purl = {
  readonly type: string
  readonly namespace?: string
  readonly name: string
  readonly version?: string
  readonly qualifiers: Readonly<Record<string, string>>
}

/** undefined: not a package URL. Read here and not by packageurl-js, which lowers the case of npm names: old ones have capitals. */
export function parsePurl(text: string): Purl | undefined {
  const [, type, rest] = /^pkg:\/{0,2}([A-Za-z][A-Za-z0-9.+-]*)\/(.+)$/.exec(text) ?? []
  if (type === undefined || rest === undefined) return undefined
  try {
    const [beforeSubpath = ''] = rest.split('#', 1)
    const question = beforeSubpath.indexOf('?')
    const path = question === -1 ? beforeSubpath : beforeSubpath.slice(0, question)
    const query = question === -1 ? '' : beforeSubpath.slice(question + 1)
    // An unencoded scope begins with `@`; a version's `@` follows the last slash, and is not the name's first character.
    const at = path.lastIndexOf('@')
    const versioned = at > path.lastIndexOf('/') + 1
    const steps = (versioned ? path.slice(0, at) : path)
      .split('/')
      .filter((step) => step !== '')
      .map(decodeURIComponent)
    const name = steps.pop()
    if (name === undefined) return undefined
    return {
      type: type.toLowerCase(),
      name,
      ...(steps.length > 0 && { namespace: steps.join('/') }),
      ...(versioned && { version: decodeURIComponent(path.slice(at + 1)) }),
      qualifiers: Object.fromEntries(query.split('&').flatMap(qualifier)),
    }
  } catch {
    return undefined // broken percent-encoding
  }
}

function qualifier(pair: string): [string, string][] {
  const equals = pair.indexOf('=')
  return equals < 1 ? [] : [[pair.slice(0, equals).toLowerCase(), decodeURIComponent(pair.slice(equals + 1))]]
}
