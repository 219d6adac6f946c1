/** One statement of a go.mod or go.work file: its word, what follows, and the comment behind it. */
export type Directive = { readonly line: number; readonly words: readonly string[]; readonly comment: string }

/** Characters of one line: module paths and versions are far shorter. */
const LONGEST = 4_096
const MOST = 200_000

/**
 * The statements of a file in the syntax of go.mod (Go modules reference, "Lexical elements"): one a line, or several in
 * `word ( ... )`. What cannot be read is told and passed over.
 */
export function directivesOf(text: string, problems: string[]): readonly Directive[] {
  const found: Directive[] = []
  let block: string | undefined
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    if (found.length === MOST) {
      problems.push(`more than ${MOST} statements: the rest is not read`)
      break
    }
    if (raw.length > LONGEST) {
      problems.push(`line ${line}: ${raw.length} characters, at most ${LONGEST} are read`)
      continue
    }
    const { words, comment } = wordsOf(raw)
    if (words === undefined) problems.push(`line ${line}: a quoted text that does not end`)
    else if (words.length === 0) continue
    else if (block !== undefined && words[0] === ')') block = undefined
    else if (block === undefined && words.length === 2 && words[1] === '(') block = words[0]
    else if (block === undefined && words.length === 1 && words[0]!.endsWith('(')) block = words[0]!.slice(0, -1)
    else found.push({ line, words: block === undefined ? words : [block, ...words], comment })
  }
  if (block !== undefined) problems.push(`the block of ${block} does not end: the file is cut`)
  return found
}

function wordsOf(line: string): { readonly words: readonly string[] | undefined; readonly comment: string } {
  const words: string[] = []
  let at = 0
  while (at < line.length) {
    const char = line[at]!
    if (char === ' ' || char === '\t' || char === '\r') at++
    else if (char === '/' && line[at + 1] === '/') return { words, comment: line.slice(at + 2).trim() }
    else if (char === '"' || char === '`') {
      const end = line.indexOf(char, at + 1)
      if (end === -1) return { words: undefined, comment: '' }
      words.push(line.slice(at + 1, end))
      at = end + 1
    } else {
      let end = at
      while (end < line.length && !' \t\r'.includes(line[end]!) && !(line[end] === '/' && line[end + 1] === '/')) end++
      words.push(line.slice(at, end))
      at = end
    }
  }
  return { words, comment: '' }
}

/** What stands for what: of one version of a module, or of all. */
export type Replacement = {
  readonly path: string
  readonly version?: string
  readonly by: { readonly path: string; readonly version: string }
}

/** `old [version] => new [version]`; undefined: not of that form. */
export function replacementOf([, ...words]: readonly string[]): Replacement | undefined {
  const arrow = words.indexOf('=>')
  const [old, version] = words.slice(0, arrow)
  const [path, to = ''] = words.slice(arrow + 1)
  if (arrow < 1 || arrow > 2 || old === undefined || path === undefined || words.length > arrow + 3) return undefined
  return { path: old, ...(version !== undefined && { version }), by: { path, version: to } }
}

/** What stands for a module: a replacement of the very version goes before one of all versions. */
export function replacing(replacements: readonly Replacement[]): (path: string, version: string) => Replacement['by'] | undefined {
  const byKey = new Map<string, Replacement['by']>()
  for (const { path, version = '', by } of replacements.toReversed()) byKey.set(`${path} ${version}`, by)
  return (path, version) => byKey.get(`${path} ${version}`) ?? byKey.get(`${path} `)
}

/** The release of Go that a file asks for: `toolchain go1.21.3` goes before `go 1.21`, as for the go command. */
export function releaseAsked(directives: readonly Directive[]): string | undefined {
  const of = (word: string) => directives.find(({ words }) => words[0] === word && words.length === 2)?.words[1]
  const toolchain = of('toolchain')
  return toolchain?.startsWith('go1') ? toolchain.slice(2) : of('go')
}
