import { Lang, parse, type SgNode } from '@ast-grep/napi'
import { dirname, extname, join, relative } from 'node:path/posix'

/** A file of ours: path from the project's root, and its text. */
export type Source = { readonly path: string; readonly text: string }

/** Who may import whom; a room may always import itself. Add a room here first. */
const rooms: Record<string, readonly string[]> = {
  model: [],
  kit: ['model'],
  formats: ['model', 'kit'],
  plugins: ['model', 'kit', 'formats'],
  store: ['model', 'kit'],
  core: ['model', 'kit', 'store'],
  api: ['model', 'kit', 'store', 'core'],
  app: ['model', 'kit', 'formats', 'store', 'core', 'api', 'plugins'],
  cli: ['model', 'kit', 'app'],
}

const outward = ['kit', 'plugins/sources', 'plugins/feeds', 'plugins/sinks', 'plugins/actions']

/** Who may reach outside, or hold a database's driver; `but` are names that reach nobody. Packages that no line fits are free. */
const reach: readonly { readonly what: RegExp; readonly who: readonly string[]; readonly but?: readonly string[] }[] = [
  { what: /^node:net$/, who: [...outward, 'store', 'app'], but: ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'] },
  { what: /^(node:(http|https|http2|tls|dgram|dns)(\/.*)?|undici)$/, who: [...outward, 'app'] },
  { what: /^node:(child_process|cluster)$/, who: outward },
  { what: /^(@aws-sdk|@smithy|@aws-crypto)\//, who: [...outward, 'api'] },
  { what: /^(pg|pg-.*|kysely|@electric-sql\/pglite)(\/.*)?$/, who: ['store', 'core'] },
]

const parts = (file: string) => relative('src', file).split('/')
const room = (file: string) => parts(file)[0] ?? ''
/** Inside plugins every unit, and inside core every capability, is a room of its own. */
const home = (file: string) => {
  const depth = { plugins: parts(file).length > 3 ? 3 : 2, core: 2 }[room(file)] ?? 1
  return parts(file).slice(0, depth).join('/')
}
const door = (file: string) => !['plugins', 'core'].includes(room(file)) || relative(home(file), relative('src', file)) === 'index.ts'
const isTest = (file: string) => /\.test\.tsx?$/.test(file)
const inside = (file: string, folder: string) => file.startsWith(`${folder}/`)
const isCode = (file: string) => /\.(ts|tsx|mjs|js|cjs)$/.test(file)

/** Every breach of the house's rules that the text of the files shows, one line each. Throws when there is nothing under src/. */
export function breaches(files: readonly Source[]): string[] {
  const code = files.filter(({ path }) => isCode(path))
  if (!code.some(({ path }) => inside(path, 'src'))) throw new Error('the house test read no file under src/')
  const read = code.map((file) => ({ ...file, imports: importsOf(file) }))
  return [...read.flatMap(importBreaches), ...circles(read), ...read.flatMap(reachBreaches), ...code.flatMap(shapeBreaches)].sort()
}

/** An import as written: where it leads, the names it takes (none listed: all), and whether it vanishes when types are stripped. */
export type Import = { readonly line: number; readonly to: string; readonly names: readonly string[]; readonly type: boolean }
type Read = Source & { readonly imports: readonly Import[] }

/** Static, type-only, re-exporting, dynamic and require imports. A dynamic one of no fixed text leads to `?`. */
export function importsOf({ path, text }: Source): Import[] {
  const found = rootOf({ path, text }).findAll({
    rule: { any: [{ kind: 'import_statement' }, { kind: 'export_statement' }, { kind: 'call_expression' }] },
  })
  return found.flatMap((node) => {
    const written =
      node.kind() === 'call_expression'
        ? calledModule(node)
        : (node.field('source') ?? node.find({ rule: { kind: 'import_require_clause' } })?.field('source'))
    if (!written) return []
    const fixed = written.kind() === 'string' ? written.text().slice(1, -1) : '?'
    const to = fixed.startsWith('.') ? join(dirname(path), fixed) : fixed
    const names = node.findAll({ rule: { kind: 'import_specifier' } }).map((name) => name.field('name')?.text() ?? '')
    return [
      {
        line: node.range().start.line + 1,
        to,
        names: takesAll(node) ? [] : names,
        type: node.children().some((child) => child.kind() === 'type'),
      },
    ]
  })
}

/** `import all, { name }`, `import * as all`. */
function takesAll(node: SgNode): boolean {
  return (
    node
      .find({ rule: { kind: 'import_clause' } })
      ?.children()
      .some((child) => child.kind() !== 'named_imports') ?? false
  )
}

function calledModule(call: SgNode): SgNode | undefined {
  const called = call.field('function')
  if (called?.kind() !== 'import' && called?.text() !== 'require') return undefined
  return call.field('arguments')?.children()[1]
}

function rootOf({ path, text }: Source): SgNode {
  return parse(path.endsWith('.tsx') ? Lang.Tsx : Lang.TypeScript, text).root()
}

function importBreaches({ path, imports }: Read): string[] {
  if (inside(path, 'console'))
    return imports.filter(({ to }) => inside(to, 'src')).map((at) => `${path}:${at.line} the console must not import ${at.to}`)
  if (!inside(path, 'src')) return []
  return imports.flatMap(({ line, to }) => {
    if (to === '?') return [`${path}:${line} imports something that is not a fixed text`]
    return isLocal(to) && !may(path, to) ? [`${path}:${line} must not import ${to}`] : []
  })
}

const isLocal = (to: string) => /^(src|test|bench|lab|console|scripts|bin|\.\.)\//.test(to)

function may(from: string, to: string): boolean {
  const test = isTest(from) // may use whatever the app may, and test/
  if (!test && (isTest(to) || to.includes('/fixtures/'))) return false // no inputs of a build: see scripts/freshness.mjs
  if (!inside(to, 'src')) return test && inside(to, 'test')
  if (home(from) === home(to)) return true
  if (!door(to)) return false
  if (room(from) === 'plugins' && room(to) === 'plugins' && !test) return home(to).startsWith(`${home(from)}/`)
  return (room(from) === 'core' && room(to) === 'core') || rooms[test ? 'app' : room(from)]?.includes(room(to)) === true
}

/** Circles between capabilities of core, each told once, from its first name on. */
function circles(files: readonly Read[]): string[] {
  const uses = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    if (room(path) !== 'core' || isTest(path)) continue
    const targets = imports.map(({ to }) => to).filter((to) => inside(to, 'src/core') && home(to) !== home(path))
    uses.set(home(path), new Set([...(uses.get(home(path)) ?? []), ...targets.map(home)]))
  }
  const found = new Set<string>()
  const follow = (trail: readonly string[]): void => {
    for (const next of uses.get(trail.at(-1) ?? '') ?? []) {
      if (next === trail[0]) found.add(`${[...trail, next].join(' -> ')} is a circle`)
      else if (next > (trail[0] ?? '') && !trail.includes(next)) follow([...trail, next])
    }
  }
  for (const name of uses.keys()) follow([name])
  return [...found]
}

function reachBreaches(file: Read): string[] {
  const { path, imports } = file
  if (!inside(path, 'src') || isTest(path)) return []
  const open = (who: readonly string[]) => who.some((folder) => inside(path, `src/${folder}`))
  const taken = imports.flatMap(({ line, to, names, type }) => {
    const rule = reach.find(({ what }) => what.test(to.replace(/^(net|http|https|http2|tls|dgram|dns|child_process|cluster)$/, 'node:$1')))
    const harmless = names.length > 0 && names.every((name) => rule?.but?.includes(name))
    return type || !rule || harmless || open(rule.who) ? [] : [`${path}:${line} must not use ${to}`]
  })
  // As a whole its unused half is left out of the program; by that name all of it is loaded at every start.
  const heavy = imports.flatMap(({ line, to, names, type }) =>
    to === 'zod' && names.includes('z') && !type ? [`${path}:${line} must import zod whole, as z`] : [],
  )
  return open(outward)
    ? [...taken, ...heavy]
    : [...taken, ...heavy, ...globalCalls(file).map((at) => `${path}:${at.line} must not use ${at.name}`)]
}

/** Calls of the global fetch, WebSocket and EventSource, where the file has nothing of that name itself. */
function globalCalls(file: Source): { readonly line: number; readonly name: string }[] {
  if (!/\b(fetch|WebSocket|EventSource)\b/.test(file.text)) return []
  const root = rootOf(file)
  return ['fetch', 'WebSocket', 'EventSource'].flatMap((name) => {
    const called = root.findAll({
      rule: { any: [{ pattern: `${name}($$$)` }, { pattern: `new ${name}($$$)` }, { pattern: `globalThis.${name}` }] },
    })
    const own = new RegExp(`\\b(function|const|let|class)\\s+${name}\\b|import\\s[^;]*\\b${name}\\b`).test(file.text)
    return called
      .filter((node) => !own || node.text().startsWith('globalThis'))
      .map((node) => ({ line: node.range().start.line + 1, name }))
  })
}

const longest = 500
const noName = /^(utils?|helpers?|misc|common)$/
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/

function shapeBreaches({ path, text }: Source): string[] {
  const names = path.split('/')
  const file = names.at(-1) ?? ''
  const lines = text.split('\n').length - 1
  const bad = names.find((name) => noName.test(name.slice(0, name.length - extname(name).length)))
  return [
    ...(bad === undefined ? [] : [`${path} must have a name that says what it holds, not ${bad}`]),
    ...(kebab.test(file) ? [] : [`${path} must be named in kebab-case`]),
    ...(lines > longest && !file.includes('.generated.') ? [`${path} has ${lines} lines, more than ${longest}`] : []),
    ...(inside(path, 'src') ? defaultExports({ path, text }) : []),
  ]
}

function defaultExports(file: Source): string[] {
  if (!/\bdefault\b/.test(file.text)) return []
  const exports = rootOf(file).findAll({ rule: { kind: 'export_statement' } })
  return exports
    .filter((node) => node.children().some((child) => child.kind() === 'default') || /\bas\s+default\b/.test(node.text()))
    .map((node) => `${file.path}:${node.range().start.line + 1} must not export a default`)
}

/** One kind of plugins: what its register exports, and the folders beside it with the names of their files. */
export type Kind = {
  readonly kind: string
  readonly units: readonly { readonly id: string; readonly scheme?: string }[]
  readonly folders: ReadonlyMap<string, readonly string[]>
}

/** Units that are not a folder of their own name with index.ts and README.md, not listed once, or judged by a scheme nobody has. */
export function unitBreaches(kinds: readonly Kind[]): string[] {
  const schemes = new Set(kinds.find(({ kind }) => kind === 'schemes')?.units.map(({ id }) => id))
  return kinds
    .flatMap(({ kind, units, folders }) => {
      const at = `src/plugins/${kind}`
      const ids = units.map(({ id }) => id)
      return [
        ...[...folders].flatMap(([name, files]) => [
          ...['index.ts', 'README.md'].filter((file) => !files.includes(file)).map((file) => `${at}/${name} has no ${file}`),
          ...(ids.includes(name) ? [] : [`${at}/index.ts does not list ${name}`]),
        ]),
        ...ids.filter((id) => !folders.has(id)).map((id) => `${at}/index.ts lists ${id}, which is no folder there`),
        ...ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${at}/index.ts lists ${id} twice`),
        ...units.flatMap(({ id, scheme }) =>
          scheme === undefined || schemes.has(scheme) ? [] : [`${at}/${id} names the unknown scheme ${scheme}`],
        ),
      ]
    })
    .sort()
}
