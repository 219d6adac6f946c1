import { Lang, parse, type SgNode } from '@ast-grep/napi'
import { registerHooks } from 'node:module'

/** Places in code that can be told apart; more than all of src/ has. */
const PLACES = 1 << 17
const counters = new Uint8Array(PLACES)
let places = 0

declare global {
  // oxlint-disable-next-line no-var
  var openInspectorCounters: Uint8Array
}

/**
 * Code of src/ loaded from here on counts which of its branches are taken. Done in the source while it is loaded, for the engine's own
 * coverage has to be asked for all code at once, which takes longer than reading an input.
 */
export function countBranches(): void {
  globalThis.openInspectorCounters = counters
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!/\/src\/(?:kit|formats|plugins)\/.*\.ts$/.test(url) || loaded.source === undefined || loaded.source === null) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8')
      return { ...loaded, source: counted(source) }
    },
  })
}

/**
 * Branches taken since the last time that were never taken before, or never so often (by powers of two, up to `most`); all are
 * forgotten for the next.
 */
export function newBranches(seen: Uint8Array, most = 7): readonly number[] {
  const found: number[] = []
  for (let place = 0; place < places; place++) {
    const times = counters[place]!
    if (times === 0) continue
    counters[place] = 0
    const bit = 1 << Math.min(most, Math.floor(Math.log2(times)))
    if ((seen[place]! & bit) !== 0) continue
    seen[place]! |= bit
    found.push(place)
  }
  return found
}

/** What was ever counted, to begin with: nothing. */
export const nothingSeen = (): Uint8Array => new Uint8Array(PLACES)

type Put = { readonly at: number; readonly text: string; readonly before: boolean; readonly length: number }

function counted(source: string): string {
  const puts: Put[] = []
  const count = () => `__count[${places++}]++`
  const around = (node: SgNode, before: string, after: string) => {
    const { start, end } = node.range()
    const length = end.index - start.index
    puts.push({ at: start.index, text: before, before: true, length }, { at: end.index, text: after, before: false, length })
  }
  const expression = (node: SgNode | null) => node && around(node, `(${count()},`, ')')
  const statement = (node: SgNode | null) => node && node.kind() !== 'statement_block' && around(node, `{${count()};`, '\n}')
  const root = parse(Lang.TypeScript, source).root()
  const all = root.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } })
  for (const node of all) {
    const kind = String(node.kind())
    if (kind === 'statement_block') puts.push({ at: node.range().start.index + 1, text: `${count()};`, before: true, length: 0 })
    else if (kind === 'if_statement') statement(node.field('consequence'))
    else if (kind === 'else_clause') {
      const body = node.children().at(-1)!
      if (body.kind() !== 'if_statement') statement(body)
    } else if (kind === 'ternary_expression') {
      expression(node.field('consequence'))
      expression(node.field('alternative'))
    } else if (kind === 'binary_expression') {
      if (['&&', '||', '??'].includes(node.field('operator')?.text() ?? '')) expression(node.field('right'))
    } else if (kind === 'arrow_function') {
      const body = node.field('body')
      if (body?.kind() !== 'statement_block') expression(body)
    } else if (kind === 'switch_case' || kind === 'switch_default') {
      const colon = node.children().find((child) => child.kind() === ':')
      if (colon) puts.push({ at: colon.range().end.index, text: `${count()};`, before: true, length: 0 })
    } else statement(node.field('body'))
  }
  return `const __count = globalThis.openInspectorCounters;${withAll(source, puts)}`
}

const kinds = [
  ...['statement_block', 'if_statement', 'else_clause', 'ternary_expression', 'binary_expression', 'arrow_function'],
  ...['switch_case', 'switch_default', 'for_statement', 'for_in_statement', 'while_statement', 'do_statement'],
]

/** What ends at a place comes before what begins there; of what begins the outer first, of what ends the inner. */
function withAll(source: string, puts: Put[]): string {
  puts.sort((a, b) => a.at - b.at || Number(a.before) - Number(b.before) || (a.before ? b.length - a.length : a.length - b.length))
  const parts: string[] = []
  let from = 0
  for (const { at, text } of puts) {
    parts.push(source.slice(from, at), text)
    from = at
  }
  return parts.join('') + source.slice(from)
}
