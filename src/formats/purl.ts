/**
 * A package URL (purl specification, ECMA-427) in the spelling the packageurl-js package gives, except that the name keeps
 * its case: npm holds both `JSONStream` and `jsonstream`. Written here because every occurrence has one and each start of
 * the command line would pay for loading the package.
 */
export function purlOf(
  type: string,
  namespace: string | undefined,
  name: string,
  version: string,
  qualifiers: Readonly<Record<string, string>> = {},
): string {
  const path = [...(namespace?.split('/') ?? []), name].map(encode).join('/')
  const query = Object.keys(qualifiers)
    .sort()
    .map((key) => `${key}=${encode(qualifiers[key] ?? '')}`)
    .join('&')
  return `pkg:${type}/${path}${version === '' ? '' : `@${encode(version).replaceAll('%3A', ':').replaceAll('%2B', '+')}`}${query === '' ? '' : `?${query}`}`
}

/** Lone surrogates have no UTF-8 form: they become U+FFFD instead of an error. */
function encode(part: string): string {
  return /^[\w.~-]*$/.test(part) ? part : encodeURIComponent(part.toWellFormed())
}
