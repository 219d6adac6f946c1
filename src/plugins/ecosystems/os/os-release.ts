import type { OperatingSystem } from '../../../model/component.ts'

/** Characters of a value; every package carries the release. */
const LONGEST_VALUE = 256

/** Releases that say their codename alone. Testing and unstable say theirs with `/sid` and stay without a version. */
const releases = new Map([
  ['wheezy', '7'],
  ['jessie', '8'],
  ['stretch', '9'],
  ['buster', '10'],
  ['bullseye', '11'],
  ['bookworm', '12'],
  ['trixie', '13'],
])

export function fromOsRelease(text: string): OperatingSystem | string {
  const values = assignments(text)
  const id = (values.get('ID') ?? 'linux').toLowerCase()
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) return `expected lower case letters, digits and . _ - in ID, got ${JSON.stringify(id.slice(0, 80))}`
  const name = values.get('PRETTY_NAME') ?? values.get('NAME')
  const codename = values.get('VERSION_CODENAME')
  const rolling = name?.endsWith('/sid') === true
  const version = values.get('VERSION_ID') ?? (id === 'debian' && !rolling && codename !== undefined ? releases.get(codename) : undefined)
  return { id, ...(version && { version }), ...(codename && { codename }), ...(name && { name }) }
}

/** `12.5`, or `forky/sid` on testing and unstable: those two cannot be told apart, and no advisory covers unstable. */
export function fromDebianVersion(text: string): OperatingSystem | string {
  const word = text.trim()
  const number = /^(\d{1,3})(?:\.(\d{1,3}))?/.exec(word)
  if (number?.[1] !== undefined) return { id: 'debian', version: releaseOf(Number(number[1]), number[2] ?? '0') }
  const codename = /^([a-z]{2,32})(\/sid)?$/.exec(word)?.[1]
  if (codename === undefined) return `expected a release number or codename, got ${JSON.stringify(word.slice(0, 80))}`
  const version = word === codename ? releases.get(codename) : undefined
  return { id: 'debian', codename, ...(version && { version }) }
}

/** Until Debian 6 the second number belongs to the release, and a third counts its updates; since Debian 7 the second does. */
function releaseOf(major: number, minor: string): string {
  return major >= 7 ? String(major) : `${major}.${minor}`
}

/** Shell-like assignments: one a line, the value bare or quoted, a backslash before a special character. Never evaluated. */
export function assignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, key, raw = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? []
    if (key === undefined) continue
    const quote = raw.charAt(0)
    const quoted = raw.length > 1 && (quote === '"' || quote === "'") && raw.endsWith(quote)
    const bare = quoted ? raw.slice(1, -1) : raw
    values.set(key, (quote === "'" ? bare : bare.replace(/\\(["'\\$`])/g, '$1')).slice(0, LONGEST_VALUE))
  }
  return values
}
