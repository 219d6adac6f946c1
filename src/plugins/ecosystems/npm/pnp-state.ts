import { parseJson } from '../../../formats/json.ts'

/**
 * The data inside `.pnp.cjs`. Nothing is run: yarn writes it as one text in quotation marks (`RAW_RUNTIME_STATE` in yarn 4,
 * `JSON.parse('...')` in yarn 3) or, before, as an object handed to `hydrateRuntimeState`; all are JSON. undefined: none is there.
 * Throws SyntaxError.
 */
export function runtimeState(program: string): unknown {
  const text = /\b(?:RAW_RUNTIME_STATE =|return hydrateRuntimeState\(JSON\.parse\()\s{0,8}'/.exec(program)
  if (text !== null) return parseJson(unquoted(program, text.index + text[0].length))
  const call = /\breturn hydrateRuntimeState\(\s{0,8}(?=\{)/.exec(program)
  return call === null ? undefined : parseJson(balanced(program, call.index + call[0].length))
}

/** A JavaScript text up to its quotation mark: a backslash joins lines, or lets the next character stand for itself. */
function unquoted(program: string, from: number): string {
  const parts: string[] = []
  let start = from
  for (let at = from; at < program.length; at++) {
    if (program[at] === "'") return parts.join('') + program.slice(start, at)
    if (program[at] !== '\\') continue
    parts.push(program.slice(start, at))
    const next = program[at + 1]
    start = next === '\n' ? at + 2 : at + 1
    at++
  }
  throw new SyntaxError('expected the end of RAW_RUNTIME_STATE')
}

function balanced(program: string, from: number): string {
  let depth = 0
  for (let at = from; at < program.length; at++) {
    const one = program[at]
    if (one === '{') depth++
    else if (one === '}' && --depth === 0) return program.slice(from, at + 1)
    else if (one === '"') {
      for (at++; at < program.length && program[at] !== '"'; at++) if (program[at] === '\\') at++
    }
  }
  throw new SyntaxError('expected the end of what hydrateRuntimeState is given')
}
