/**
 * A value of Erlang or Elixir, as far as their tools write them into files: text of any kind (atom, string, binary, number) as text,
 * tuples, lists and maps as lists; `name: value` and `"name" => value` as a pair.
 */
export type Term = string | readonly Term[]

/** Deeper than any tool writes. */
const DEEPEST = 64

type Frame = { readonly closes: string; readonly items: Term[]; key?: string | undefined }

/** The terms of a file, in order. Nothing is run: what is no plain value throws SyntaxError with its line. */
export function readTerms(text: string, language: 'erlang' | 'elixir'): readonly Term[] {
  const comment = language === 'erlang' ? '%' : '#'
  const top: Frame = { closes: '', items: [] }
  const open: Frame[] = [top]
  const put = (value: Term): void => {
    const frame = open.at(-1) ?? top
    frame.items.push(frame.key === undefined ? value : [frame.key, value])
    frame.key = undefined
  }
  const broken = (at: number, what: string) => new SyntaxError(`line ${text.slice(0, at).split('\n').length}: ${what}`)
  let at = 0
  while (at < text.length) {
    const one = text[at] ?? ''
    const two = text.slice(at, at + 2)
    if (two === '%{' && language === 'elixir') at++
    else if (one === comment) at = lineEnd(text, at)
    else if (one === '{' || one === '[') {
      if (open.length > DEEPEST) throw broken(at, `values nested deeper than ${DEEPEST} are not read`)
      open.push({ closes: one === '{' ? '}' : ']', items: [] })
      at++
    } else if (one === '}' || one === ']') {
      const frame = open.pop()
      if (frame?.closes !== one) throw broken(at, `expected ${JSON.stringify(frame?.closes ?? 'a value')}, got ${JSON.stringify(one)}`)
      put(frame.items)
      at++
    } else if (two === '<<') {
      if (text.startsWith('<<>>', at)) put('')
      at += text.startsWith('<<>>', at) ? 4 : 2
    } else if (two === '>>' || two === '=>') at += 2
    else if (SKIPPED.has(one)) at++
    else {
      const word = wordAt(text, at)
      if (word === undefined) throw broken(at, `expected a value, got ${JSON.stringify(text.slice(at, at + 20))}`)
      at = word.end
      const frame = open.at(-1) ?? top
      const isKey = frame.key === undefined && (/^:\s/.test(text.slice(at, at + 2)) || /^ {0,4}=>/.test(text.slice(at, at + 6)))
      if (isKey) frame.key = word.value
      else put(word.value)
      if (text.startsWith('/utf8', at)) at += 5
    }
  }
  if (open.length > 1) throw broken(text.length, `expected ${JSON.stringify(open.at(-1)?.closes)}, got the end of the file`)
  return top.items
}

/** Between terms, behind them, and in front of an atom. */
const SKIPPED = new Set([' ', '\t', '\r', '\n', '\ufeff', ',', '.', ':'])

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** Text in quotation marks, or a bare atom or number. */
function wordAt(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  const quote = text[from]
  if (quote !== '"' && quote !== "'") {
    bare.lastIndex = from
    const value = bare.exec(text)?.[0]
    return value === undefined ? undefined : { value, end: from + value.length }
  }
  const parts: string[] = []
  let start = from + 1
  for (let at = start; at < text.length; at++) {
    if (text[at] === quote) return { value: parts.join('') + text.slice(start, at), end: at + 1 }
    if (text[at] !== '\\') continue
    parts.push(text.slice(start, at))
    start = ++at
  }
  return undefined
}

const bare = /[A-Za-z0-9_@-]+(?:\.[0-9A-Za-z_]+)*[?!]?/y
