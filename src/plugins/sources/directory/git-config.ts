/** What a file of git's configuration says: `section.subsection.name`, the last word of each. Names and sections in lower case. */
export type GitConfig = ReadonlyMap<string, string>

const sectionForm = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/
const nameForm = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*)?/

/** git-config, "Syntax". Files that it includes are not read: they may lie anywhere. */
export function parseGitConfig(text: string): GitConfig {
  const found = new Map<string, string>()
  let section = ''
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at]!.trimStart()
    const opened = sectionForm.exec(line)
    if (opened) {
      const [whole, name = '', inner] = opened
      section = name.toLowerCase() + (inner === undefined ? '' : `.${inner.replaceAll(/\\(.)/g, '$1')}`)
      line = line.slice(whole.length).trimStart()
    }
    const name = nameForm.exec(line)
    if (section === '' || name === null) continue
    const pieces = [line.slice(name[0].length).trimEnd()]
    while (goesOn(pieces.at(-1)!) && at + 1 < lines.length) {
      pieces.push(pieces.pop()!.slice(0, -1))
      pieces.push(lines[++at]!.trimEnd())
    }
    found.set(`${section}.${name[1]!.toLowerCase()}`, valueOf(pieces.join('')))
  }
  return found
}

/** A backslash at its end that no other takes away. */
function goesOn(line: string): boolean {
  let slashes = 0
  while (line[line.length - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' }

/** Without quotes, escapes, and what is a comment outside of quotes. */
function valueOf(text: string): string {
  let value = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (letter === '"') quoted = !quoted
    else if (letter === '\\' && at + 1 < text.length) value += escapes[text[++at]!] ?? text[at]
    else if (!quoted && (letter === '#' || letter === ';')) break
    else value += letter
  }
  return value.trim()
}

/**
 * Address of the remote that a branch follows, else of `origin`, else of the only one; without what may be a secret. undefined: none
 * that could be told.
 */
export function remoteOf(config: GitConfig, branch: string | undefined): string | undefined {
  const remotes = [...config.keys()].flatMap((key) => /^remote\.(.+)\.url$/s.exec(key)?.[1] ?? [])
  const followed = branch === undefined ? undefined : config.get(`branch.${branch}.remote`)
  const name = [followed, 'origin', remotes.length === 1 ? remotes[0] : undefined].find((one) => one !== undefined && remotes.includes(one))
  return name === undefined ? undefined : bareAddress(config.get(`remote.${name}.url`)!)
}

/** git-fetch, "GIT URLS". Users and passwords are left out, and queries; other ways to reach a repository may run programs or hold anything. */
function bareAddress(address: string): string | undefined {
  if (address.length > 2_048 || /[\0-\x20\x7f]/.test(address)) return undefined
  if (/^(?:https?|ssh|git|git\+ssh|ftps?|file):\/\//i.test(address)) {
    if (!URL.canParse(address)) return undefined
    const { protocol, host, pathname } = new URL(address)
    return `${protocol}//${host}${pathname}`
  }
  if (/^[\w+-]*::/.test(address) || address.includes('://')) return undefined
  if (address.startsWith('/')) return address
  const [, host, path] = /^(?:[^@/:]+@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):([^@?#]+)$/.exec(address) ?? []
  // With those in its path it may be a mistyped URL, users and all.
  return host === undefined ? undefined : `${host}:${path}`
}
