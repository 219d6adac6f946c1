import { parseJson } from './json.ts'

/** The value of JSON with comments, and with commas before a closing bracket. Throws SyntaxError. */
export function parseJsonc(text: string): unknown {
  return parseJson(withoutCommas(withoutComments(text)))
}

function withoutComments(text: string): string {
  if (!/\/[/*]/.test(text)) return text
  const parts: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = closing(text, at)
    else if (text[at] === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      const end = text[at + 1] === '/' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2) + 2
      if (end === 1) throw new SyntaxError(`expected the end of the comment that begins at character ${at}`)
      parts.push(text.slice(from, at), ' ')
      from = end < 0 ? text.length : end
      at = from - 1
    }
  }
  return parts.join('') + text.slice(from)
}

function withoutCommas(text: string): string {
  const parts: string[] = []
  let from = 0
  /** The last comma with nothing but blanks behind it. */
  let comma = -1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA) comma = at
    else if (comma >= 0 && (code === BRACKET || code === BRACE)) {
      parts.push(text.slice(from, comma))
      from = comma + 1
      comma = -1
    } else if (code > BLANK) {
      comma = -1
      if (code === QUOTE) at = closing(text, at)
    }
  }
  return parts.join('') + text.slice(from)
}

const [BLANK, QUOTE, COMMA, BRACKET, BRACE] = [0x20, 0x22, 0x2c, 0x5d, 0x7d]

/** The quotation mark that ends the text begun at `from`, or the last character. */
function closing(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length - 1
}
