/** What a requirement of PEP 508 asks for. */
export type Requirement = {
  readonly name: string
  readonly extras: readonly string[]
  /** The version specifiers as written, without blanks: `>=2.0,<3`; `@ ADDRESS` for a package by its address; may be empty. */
  readonly asked: string
  /** The one version it allows, where it allows only one. */
  readonly pin?: string
  /** The environment marker, as written. */
  readonly marker?: string
}

const LONGEST = 8_192
const NAMED = /^([a-z0-9][\w.-]*)\s*(?:\[([^\][]*)\])?\s*/i
const CLAUSE = /^(?:~=|===?|!=|<=?|>=?)[^\s,;()<>=!~]+$/

/** Reads a requirement of PEP 508; undefined for anything else. */
export function parseRequirement(text: string): Requirement | undefined {
  const line = text.length > LONGEST ? '' : text.trim()
  const start = NAMED.exec(line)
  const name = start?.[1]
  if (start === null || name === undefined || !/[a-z0-9]$/i.test(name)) return undefined
  const extras = (start[2] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter((extra) => extra !== '')
  const rest = line.slice(start[0].length)
  return rest.startsWith('@') ? byAddress(name, extras, rest.slice(1).trim()) : bySpecifiers(name, extras, rest)
}

function bySpecifiers(name: string, extras: readonly string[], rest: string): Requirement | undefined {
  const semicolon = rest.indexOf(';')
  const marker = semicolon < 0 ? '' : rest.slice(semicolon + 1).trim()
  const plain = (semicolon < 0 ? rest : rest.slice(0, semicolon)).trim().replace(/^\(([^()]*)\)$/, '$1')
  // blanks may stand around an operator, not inside a version
  if (/[^\s,<>=!~]\s+[^\s,<>=!~]/.test(plain)) return undefined
  const clauses = plain
    .replace(/\s/g, '')
    .split(',')
    .filter((clause) => clause !== '')
  if (!clauses.every((clause) => CLAUSE.test(clause))) return undefined
  const pin = clauses.map(pinOf).find((version) => version !== undefined)
  return { name, extras, asked: clauses.join(','), ...(pin !== undefined && { pin }), ...(marker !== '' && { marker }) }
}

/** PEP 440, "Version matching" and "Arbitrary equality": `==1.0` and `===1.0` are one version, `==1.*` many. */
function pinOf(clause: string): string | undefined {
  const version = clause.startsWith('===') ? clause.slice(3) : clause.startsWith('==') ? clause.slice(2) : ''
  return version === '' || version.endsWith('*') ? undefined : version
}

function byAddress(name: string, extras: readonly string[], rest: string): Requirement | undefined {
  // PEP 508: a blank ends the address
  const [address = ''] = rest.split(/\s/, 1)
  const marker = /^\s*;(.*)$/s.exec(rest.slice(address.length))?.[1]?.trim() ?? ''
  if (address === '') return undefined
  const pin = archiveOf(address)?.version
  return {
    name,
    extras,
    asked: `@ ${withoutSecrets(address)}`,
    ...(pin !== undefined && { pin }),
    ...(marker !== '' && { marker }),
  }
}

/** Name and version that the name of an archive tells: binary distribution format, "File name convention", and PEP 625. */
export function archiveOf(address: string): { readonly name: string; readonly version: string } | undefined {
  const [path = ''] = address.split(/[?#]/, 1)
  const file = decoded(path.slice(path.lastIndexOf('/') + 1))
  const wheel = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(file)
  const [, name, version] = wheel ?? /^(.+)-([^-]+?)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(file) ?? []
  return name === undefined || version === undefined || !/^v?\d/.test(version) ? undefined : { name, version }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An address without user, password, query and fragment, which may hold tokens. */
export function withoutSecrets(address: string): string {
  const [plain = ''] = address.split(/[?#]/, 1)
  return plain.replace(/^([\w+.-]*:\/\/)[^/]*@/, '$1')
}
