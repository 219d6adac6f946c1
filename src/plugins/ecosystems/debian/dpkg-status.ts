import { gapsOf } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import type { Occurrence, SourcePackage } from '../../../model/component.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'

const STATUS = 'var/lib/dpkg/status'
/** One file for each package, as Debian's images without a package manager have it. */
const STATUS_FOLDER = 'var/lib/dpkg/status.d/'

/** Installed packages from dpkg's database. Format: deb-control(5) stanzas, dpkg(1) "Package states". */
export const dpkgStatus = {
  id: 'debian/dpkg-status',
  version: 1,
  title: 'dpkg status database',
  wants: ({ path }) => path === STATUS || (path.startsWith(STATUS_FOLDER) && !path.endsWith('.md5sums')),
  async read(file) {
    return readStatus(await file.text(), file.path)
  },
} satisfies Extractor

/** States of dpkg(1) in which files of the package are, or may be, on disk; the others leave none. */
const present = new Set(['installed', 'half-installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending'])
const absent = new Set(['not-installed', 'config-files'])

/** No field of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024
/** `architecture`, the longest name of a field of ours. */
const LONGEST_FIELD = 12

type Field = 'package' | 'status' | 'version' | 'architecture' | 'source'
type Stanza = { readonly line: number } & { [name in Field]?: string }
const fields: Readonly<Record<string, Field>> = {
  package: 'package',
  status: 'status',
  version: 'version',
  architecture: 'architecture',
  source: 'source',
}

function readStatus(text: string, path: string): Extracted {
  const occurrences: Occurrence[] = []
  const reasons: string[] = []
  const whole = path === STATUS
  for (const stanza of stanzas(text, whole, reasons)) {
    const state = stateOf(stanza, whole)
    if (state === 'absent') continue
    const component = state === 'present' ? componentOf(stanza) : state
    if (typeof component === 'string') reasons.push(`line ${stanza.line}${named(stanza)}: ${component}`)
    else occurrences.push({ component, at: { path }, extractor: dpkgStatus.id })
  }
  return { occurrences, gaps: gapsOf(dpkgStatus.id, path, reasons) }
}

const named = ({ package: name }: Stanza) => (name === undefined || name.length > LONGEST ? '' : ` (package ${JSON.stringify(name)})`)

/** Stanzas in turn, with the line each begins on. Of a database cut in mid-line the cut field is not believed. */
function* stanzas(text: string, whole: boolean, reasons: string[]): Generator<Stanza> {
  let stanza: Stanza | undefined
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
    } else if (cut && whole) {
      reasons.push(`line ${line}: ends in mid-line (dpkg ends every file with a newline); what followed is not known`)
    } else {
      stanza ??= { line }
      readField(stanza, text, start, last)
    }
    start = end + 1
  }
  if (stanza) yield stanza
}

/** Takes the fields we use; a line that begins with a blank continues the field above, and ours have one line. */
function readField(stanza: Stanza, text: string, start: number, end: number): void {
  const initial = text.charCodeAt(start) | 32
  if (initial !== 112 && initial !== 115 && initial !== 118 && initial !== 97) return
  // Not searched to the end of the text: of a file without colons each line would read all that follows.
  let colon = start
  const last = Math.min(end, start + LONGEST_FIELD + 1)
  while (colon < last && text.charCodeAt(colon) !== 58) colon++
  if (colon === last) return
  const field = fields[text.slice(start, colon).toLowerCase()]
  if (field !== undefined) stanza[field] = text.slice(colon + 1, Math.min(end, colon + 2 + LONGEST)).trim()
}

/** Present, absent, or the reason why neither is known. `status.d` holds installed packages only, mostly without the field. */
function stateOf({ status, package: name }: Stanza, whole: boolean): string {
  if (status === undefined) return whole && name !== undefined ? 'no Status field' : 'present'
  const state = status.split(/\s+/)[2] ?? ''
  if (present.has(state)) return 'present'
  return absent.has(state) ? 'absent' : `expected "want flag state" in Status, got ${JSON.stringify(status.slice(0, 80))}`
}

function componentOf({ package: name, version, architecture, source }: Stanza): Occurrence['component'] | string {
  if (name === undefined) return 'no Package field'
  if (version === undefined) return 'no Version field'
  if (!isName(name)) return 'expected a package name of letters, digits and + - . _'
  if (!isVersion(version)) return 'expected a version of printable ASCII without blanks'
  if (architecture !== undefined && !isName(architecture)) return 'expected the name of an architecture'
  const built = source === undefined ? undefined : sourceOf(source, version)
  if (typeof built === 'string') return built
  return {
    purl: purlOf('deb', 'debian', name, version, architecture === undefined ? {} : { arch: architecture }),
    type: 'deb',
    name,
    version,
    ...(architecture !== undefined && { arch: architecture }),
    ...(built && { source: built }),
  }
}

/** `Source: name` or, where the versions differ (a rebuild `+b1`, say), `Source: name (version)`: deb-control(5). */
function sourceOf(source: string, version: string): SourcePackage | string {
  const [, name = '', own] = /^([^\s(]+)(?:\s*\(\s*([^\s)]+)\s*\))?$/.exec(source) ?? []
  if (!isName(name) || (own !== undefined && !isVersion(own))) return 'expected "name" or "name (version)" in Source'
  return { name, version: own ?? version }
}

const isName = (text: string) => text.length < LONGEST && /^[a-zA-Z0-9][a-zA-Z0-9+._-]*$/.test(text)
const isVersion = (text: string) => text.length < LONGEST && /^[!-~]+$/.test(text)
