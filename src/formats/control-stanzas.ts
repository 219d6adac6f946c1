/**
 * Stanzas of deb-control(5), as dpkg and opkg keep what is installed: `Field: value` a line, an empty line between packages, a
 * line that begins with a blank continues the one above.
 */
export type Stanza<F extends string> = { /** The line it begins on. */ readonly line: number } & { [name in F]?: string }

export type ControlForm<F extends string> = {
  /** Names of the fields that are taken, in lower case; each has one line. */
  readonly fields: readonly F[]
  /** Who ends every file with a newline, so that one without was cut; undefined: the last line may lack it. */
  readonly writer?: string
  /** No field of ours comes near this many characters; what is longer is damage, or an attempt to fill the store: it is cut. */
  readonly longest: number
}

/** Of a file cut in mid-line the cut field is not believed. */
export function* controlStanzas<F extends string>(
  text: string,
  { fields, writer, longest }: ControlForm<F>,
  onProblem: (reason: string) => void,
): Generator<Stanza<F>> {
  const read = fieldReader(fields, longest)
  let stanza: Stanza<F> | undefined
  let line = 0
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const cut = newline < 0
    const end = cut ? text.length : newline
    const last = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    line++
    if (last === start) {
      if (stanza) yield stanza
      stanza = undefined
    } else if (cut && writer !== undefined) {
      onProblem(`line ${line}: ends in mid-line (${writer} ends every file with a newline); what followed is not known`)
    } else {
      stanza ??= { line } as Stanza<F>
      read(stanza, text, start, last)
    }
    start = end + 1
  }
  if (stanza) yield stanza
}

/** Takes the fields that are asked for. Most lines are none of them: their first letter tells. */
function fieldReader<F extends string>(fields: readonly F[], longest: number) {
  const names = new Map<string, F>(fields.map((name) => [name, name]))
  const initials = new Set(fields.map((name) => name.charCodeAt(0)))
  const longestName = Math.max(...fields.map((name) => name.length))
  return (stanza: { [name in F]?: string }, text: string, start: number, end: number): void => {
    if (!initials.has(text.charCodeAt(start) | 32)) return
    // Not searched to the end of the text: of a file without colons each line would read all that follows.
    let colon = start
    const last = Math.min(end, start + longestName + 1)
    while (colon < last && text.charCodeAt(colon) !== 58) colon++
    if (colon === last) return
    const field = names.get(text.slice(start, colon).toLowerCase())
    if (field !== undefined) stanza[field] = text.slice(colon + 1, Math.min(end, colon + 2 + longest)).trim()
  }
}

/** dpkg(1), "Package states": in these, files of the package are, or may be, on disk; in the others there are none. */
const present = new Set(['installed', 'half-installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'])
const absent = new Set(['not-installed', 'config-files'])

/** Whether the package is there, by the third word of `want flag state`; or the reason why that is not known. */
export function presenceOf(status: string): 'present' | 'absent' | { readonly reason: string } {
  const state = status.split(/\s+/)[2] ?? ''
  if (present.has(state)) return 'present'
  return absent.has(state) ? 'absent' : { reason: `expected "want flag state" in Status, got ${JSON.stringify(status.slice(0, 80))}` }
}
