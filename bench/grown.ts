import { dump, load, FAILSAFE_SCHEMA } from 'js-yaml'
import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipOf } from '../test/zip.ts'

/**
 * A file with `times` as many packages, each copy under names of its own: the names that were found in it get a number behind them.
 * undefined: it is of a kind that holds one package only.
 */
export function grown(path: string, content: Buffer, names: readonly string[], times: number): Buffer | undefined {
  const rename = renaming(names)
  if (path.endsWith('.sqlite')) return withRows(content, times)
  if (path.endsWith('.jar')) return zipOf(Array.from({ length: times }, (_, at) => ({ name: `lib/a${at}-2.14.1.jar`, content })))
  if (content.includes(0)) return undefined
  const text = content.toString('utf8')
  if (/\.ya?ml$|pubspec\.lock$|Podfile\.lock$|stack\.yaml\.lock$/.test(path) && !path.includes('.yarn-state'))
    return Buffer.from(dump(more(load(text, { schema: FAILSAFE_SCHEMA }), rename, times)))
  if (/\.toml$|(?:Cargo|poetry|uv|pdm)\.lock$/.test(path))
    return Buffer.from(blocks(text, /^\[\[/m.test(text) ? /^(?=\[\[)/m : /^(?=\[)/m, rename, times))
  if (/^\s*[[{]\s*["\]}[{]/.test(text) && !path.endsWith('rebar.lock')) return asJson(text, rename, times)
  if (text.startsWith('<')) return Buffer.from(elements(text, rename, times))
  const [first, inner, last] = /^([^\n]*\n)([^]*\n)([^\n]+\n?)$/.exec(text)?.slice(1) ?? []
  if (inner !== undefined && /^(?:%\{|return \{|\{"|\{)/.test(text))
    return Buffer.from(`${first}${copies(`${inner.replace(/,?\s*$/, '')},\n`, rename, times).slice(0, -2)}\n${last}`)
  return Buffer.from(copies(text.endsWith('\n') ? text : `${text}\n`, rename, times))
}

type Rename = (text: string, copy: number) => string

/** Whole names, also the last part of one, longest first. */
function renaming(names: readonly string[]): Rename {
  const words = [...new Set(names.flatMap((name) => [name, name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)]))]
  const pattern = words
    .filter((word) => (names.includes(word) ? word.length > 1 : word.length > 4))
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|')
  const all = new RegExp(`(?<![\\w.-])(?:${pattern})(?![\\w-])`, 'gi')
  return (text, copy) => (copy === 0 || pattern === '' ? text : text.replaceAll(all, (name) => `${name}x${copy}`))
}

const copies = (text: string, rename: Rename, times: number): string =>
  Array.from({ length: times }, (_, copy) => rename(text, copy)).join('')

function asJson(text: string, rename: Rename, times: number): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(more(JSON.parse(text.replaceAll(/,(?=\s*[\]}])/g, '')), rename, times), undefined, 1))
  } catch {
    return undefined
  }
}

/** Every list or object that names packages, with as many of them. */
function more(value: unknown, rename: Rename, times: number): unknown {
  const isNamed = (text: string) => rename(text, 1) !== text
  if (Array.isArray(value)) {
    if (!value.some((one) => isNamed(JSON.stringify(one) ?? ''))) return value
    return Array.from({ length: times }, (_, copy) => value.map((one: unknown) => renamed(one, rename, copy))).flat()
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
  if (members.some(([key]) => isNamed(key)))
    return Object.fromEntries(
      Array.from({ length: times }, (_, copy) => members.map(([key, member]) => [rename(key, copy), renamed(member, rename, copy)])).flat(),
    )
  return Object.fromEntries(members.map(([key, member]) => [key, more(member, rename, times)]))
}

const renamed = (value: unknown, rename: Rename, copy: number): unknown => JSON.parse(rename(JSON.stringify(value), copy))

function blocks(text: string, at: RegExp, rename: Rename, times: number): string {
  return text
    .split(at)
    .map((block) =>
      rename(block, 1) === block
        ? block
        : /^\[\[|^\[[\w.]+\."?/.test(block)
          ? copies(block, rename, times)
          : grownTable(block, rename, times),
    )
    .join('')
}

/** A table whose lines name packages. */
function grownTable(block: string, rename: Rename, times: number): string {
  const [head = '', ...lines] = block.split(/(?<=\n)/)
  const named = lines.filter((line) => rename(line, 1) !== line)
  return `${head}${lines.filter((line) => !named.includes(line)).join('')}${copies(named.join(''), rename, times)}`
}

const repeated = /<(dependency|package(?=\s)|PackageReference|PackageVersion)\b[^>]*?(?:\/>|>[^]*?<\/\1>)/g
const elements = (text: string, rename: Rename, times: number): string =>
  text.replaceAll(repeated, (element) => copies(element, rename, times))

function withRows(database: Buffer, times: number): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  try {
    writeFileSync(join(folder, 'db'), database)
    const db = new DatabaseSync(join(folder, 'db'))
    db.exec('pragma journal_mode = off')
    db.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${times - 1})
      insert into Packages (blob) select blob from (select blob from Packages) p, n where ${times} > 1`)
    db.close()
    return readFileSync(join(folder, 'db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
