import { parse } from 'smol-toml'

/** The value of a TOML 1.0 text that may begin with a byte order mark; nesting is bounded. Throws an Error with the line. */
export function parseToml(text: string): unknown {
  return parse(text.replace(/^\ufeff/, ''), { maxDepth: 100, integersAsBigInt: 'asNeeded' })
}
