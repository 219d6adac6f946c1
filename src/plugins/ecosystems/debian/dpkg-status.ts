import { gapsOf } from '../../../formats/problems.ts'
import { controlStanzas, presenceOf, type Stanza } from '../../../formats/control-stanzas.ts'
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

/** No field of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024

const fields = ['package', 'status', 'version', 'architecture', 'source'] as const
type Fields = Stanza<(typeof fields)[number]>

function readStatus(text: string, path: string): Extracted {
  const occurrences: Occurrence[] = []
  const reasons: string[] = []
  const whole = path === STATUS
  const form = { fields, longest: LONGEST, ...(whole && { writer: 'dpkg' }) }
  for (const stanza of controlStanzas(text, form, (reason) => reasons.push(reason))) {
    const state = stateOf(stanza, whole)
    if (state === 'absent') continue
    const component = state === 'present' ? componentOf(stanza) : state
    if (typeof component === 'string') reasons.push(`line ${stanza.line}${named(stanza)}: ${component}`)
    else occurrences.push({ component, at: { path }, extractor: dpkgStatus.id })
  }
  return { occurrences, gaps: gapsOf(dpkgStatus.id, path, reasons) }
}

const named = ({ package: name }: Fields) => (name === undefined || name.length > LONGEST ? '' : ` (package ${JSON.stringify(name)})`)

/** Present, absent, or the reason why neither is known. `status.d` holds installed packages only, mostly without the field. */
function stateOf({ status, package: name }: Fields, whole: boolean): string {
  if (status === undefined) return whole && name !== undefined ? 'no Status field' : 'present'
  const presence = presenceOf(status)
  return typeof presence === 'string' ? presence : presence.reason
}

function componentOf({ package: name, version, architecture, source }: Fields): Occurrence['component'] | string {
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
