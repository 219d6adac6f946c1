/** A value of a yarn file: text, or members by name. A list has its items for names. */
export type Syml = string | ReadonlyMap<string, Syml>
export type SymlEntry = { readonly line: number; readonly keys: readonly string[]; readonly fields: ReadonlyMap<string, Syml> }
export type SymlFile = { readonly entries: readonly SymlEntry[]; readonly problems: readonly string[] }

/** Deeper than any yarn writes. */
const DEEPEST = 8

/**
 * The two forms in which yarn writes its files: `name "value"` of yarn 1, and the part of YAML that later ones write
 * (`name: value`, both set in by two blanks a level). Read line by line: both are made by a writer with one form for each thing.
 */
export function readSyml(text: string): SymlFile {
  const entries: { line: number; keys: readonly string[]; fields: Map<string, Syml> }[] = []
  const problems: string[] = []
  /** The open members at each level below an entry's name. */
  let open: Map<string, Syml>[] = []
  let longKey: string | undefined
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = raw.trimEnd()
    const content = line.trimStart()
    if (content === '' || content.startsWith('#')) continue
    const depth = (line.length - content.length) / 2
    const problem = (what: string) => problems.push(`line ${index + 1}: ${what}`)
    if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line)) {
      problem('a merge conflict that is not resolved')
      continue
    }
    // YAML 1.2, section 8.2.2: a name of more than 1024 characters stands on a line of its own
    if (content.startsWith('? ')) {
      longKey = content.slice(2)
      continue
    }
    const given = longKey !== undefined && content.startsWith(':') ? longKey + content : content
    longKey = undefined
    const told = toldIn(given)
    if (told === undefined || depth > DEEPEST || (depth > 0 && open[depth - 1] === undefined)) {
      problem(`expected a name and a value as yarn writes them, got ${JSON.stringify(content.slice(0, 80))}`)
      continue
    }
    open = open.slice(0, depth)
    if (depth === 0) {
      const fields = new Map<string, Syml>()
      entries.push({ line: index + 1, keys: told.keys, fields })
      if (told.value === undefined) open.push(fields)
      continue
    }
    const within = open[depth - 1]
    const [key = ''] = told.keys
    if (told.value !== undefined) within?.set(key, told.value)
    else {
      const members = new Map<string, Syml>()
      within?.set(key, members)
      open.push(members)
    }
  }
  return { entries, problems }
}

/** Names and value of one line; no value: members follow. undefined: neither. */
function toldIn(line: string): { readonly keys: readonly string[]; readonly value?: string } | undefined {
  if (line.startsWith('- ')) {
    const item = scalar(line.slice(2))
    return item === undefined ? undefined : { keys: [item], value: '' }
  }
  const keys: string[] = []
  for (let at = 0; ; ) {
    const end = line[at] === '"' ? closing(line, at) : bareEnd(line, at)
    const key = scalar(line.slice(at, end))
    if (key === undefined || key === '') return undefined
    keys.push(key)
    if (line.startsWith(', ', end)) at = end + 2
    else {
      const rest = line.slice(end)
      if (rest === ':') return { keys }
      if (!/^:? ./.test(rest) || keys.length > 1) return undefined
      const value = scalar(rest.slice(rest.indexOf(' ') + 1))
      return value === undefined ? undefined : { keys, value }
    }
  }
}

/** Behind the quotation mark that ends the text begun at `from`. */
function closing(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at + 1
  }
  return line.length
}

function bareEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at++) if (line[at] === ' ' || line[at] === ':' || line[at] === ',') return at
  return line.length
}

/** Text in quotation marks is written as JSON writes it. */
function scalar(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
