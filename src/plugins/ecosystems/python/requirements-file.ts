import { isHash } from './lock-values.ts'

/** One line of a requirements file, once continued lines are put together and comments taken off. */
export type Line =
  | {
      readonly is: 'requirement'
      readonly text: string
      readonly hashes: readonly string[]
      readonly via: readonly string[]
      readonly editable: boolean
    }
  | { readonly is: 'include' | 'constrain'; readonly path: string }

/** A text in the encodings pip reads: UTF-8 and, by their byte order mark, the UTF-16 that PowerShell writes (PEP 263 aside). */
export function decodeRequirements(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder('utf-8').decode(bytes)
}

/** pip documentation, "Requirements File Format". Options about indexes and building are left out. */
export function readRequirements(text: string): readonly Line[] {
  const lines: Line[] = []
  let via: string[] = []
  let inVia = false
  for (const raw of joined(text)) {
    const hash = commentStart(raw)
    const content = raw.slice(0, hash).trim()
    const comment = raw.slice(hash + 1).trim()
    if (content !== '') {
      via = []
      const line = lineOf(content, via)
      if (line !== undefined) lines.push(line)
      inVia = false
    }
    // pip-compile and uv write below each package, or behind it, who asked for it: `# via flask`, or a list of such lines
    const says = /^via(?:\s+(.*))?$/.exec(comment)
    if (says !== null) inVia = true
    else if (comment === '') inVia = false
    if (inVia) via.push(...viaOf(says === null ? comment : (says[1] ?? '')))
  }
  return lines
}

const viaOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Lines, with those that end in `\` joined to the next. A comment line ends what was joined before it. */
function* joined(text: string): Generator<string, void> {
  let held: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line.endsWith('\\') && !line.trimStart().startsWith('#')) {
      held.push(line.slice(0, -1))
      continue
    }
    if (held.length > 0 && line.trimStart().startsWith('#')) {
      yield held.join('')
      yield line
    } else yield [...held, line].join('')
    held = []
  }
  if (held.length > 0) yield held.join('')
}

/** A `#` at the beginning or behind a blank; the length where there is none. */
function commentStart(line: string): number {
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    if (at === 0 || line[at - 1] === ' ' || line[at - 1] === '\t') return at
  }
  return line.length
}

const OPTION = /^(?:(-[rce])\s*|(--(?:requirement|constraint|editable))(?:\s*=\s*|\s+))(\S.*)$/

function lineOf(content: string, via: readonly string[]): Line | undefined {
  const [, short, long, value = ''] = OPTION.exec(content) ?? []
  const option = short ?? (long === undefined ? undefined : `-${long.charAt(2)}`)
  if (option === undefined) return content.startsWith('-') ? undefined : requirement(content, via, false)
  if (option === '-e') return requirement(value, via, true)
  return { is: option === '-r' ? 'include' : 'constrain', path: value.trim() }
}

/** Options of one requirement follow it: `--hash=sha256:...`. */
function requirement(content: string, via: readonly string[], editable: boolean): Line {
  const words = content.split(/\s+/)
  const first = words.findIndex((word) => word.startsWith('--'))
  const hashes = (first < 0 ? [] : words.slice(first))
    .map((word, at, all) => (word === '--hash' ? (all[at + 1] ?? '') : word.startsWith('--hash=') ? word.slice('--hash='.length) : ''))
    .filter(isHash)
  return { is: 'requirement', text: (first < 0 ? words : words.slice(0, first)).join(' '), hashes, via, editable }
}
