/** A gem as a lock lists it: `name (version-platform)`, and the names it needs. */
export type LockedGem = { readonly line: number; readonly name: string; readonly version: string; readonly needs: string[] }

export type Lock = {
  /** Gems of servers and of git; not those of folders beside the project, which are its own. */
  readonly gems: readonly LockedGem[]
  /** Names the project asks for. */
  readonly direct: ReadonlySet<string>
  /** `sha256:<hex>` by `name version-platform`. */
  readonly sums: ReadonlyMap<string, string>
  /** Lines inside a list of gems that are no gem. */
  readonly problems: readonly string[]
}

/** Lists whose gems are somebody else's. */
const listed = new Set(['GEM', 'GIT', 'PLUGIN SOURCE'])
const LONGEST_LINE = 1024

/**
 * The sections of a `Gemfile.lock`: a name in capitals at the margin, then lines set in by two blanks, gems by four, what
 * they need by six (Bundler, `lockfile_parser.rb`).
 */
export function readLock(text: string): Lock {
  const gems: LockedGem[] = []
  const direct = new Set<string>()
  const sums = new Map<string, string>()
  const problems: string[] = []
  let section = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.slice(0, LONGEST_LINE).trimEnd()
    if (line === '') continue
    if (!line.startsWith(' ')) {
      section = line
      if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line)) problems.push(`line ${index + 1}: a merge conflict that is not resolved`)
    } else if (listed.has(section)) readGem(line, index + 1, gems, problems)
    else if (section === 'DEPENDENCIES') {
      const name = /^ {2}([^\s!(]+)/.exec(line)?.[1]
      if (name !== undefined) direct.add(name)
    } else if (section === 'CHECKSUMS') {
      const [, name, version, sum] = /^ {2}(\S+) \(([^)]+)\) sha256=([0-9a-f]{64})$/.exec(line) ?? []
      if (sum !== undefined) sums.set(`${name} ${version}`, `sha256:${sum}`)
    }
  }
  return { gems, direct, sums, problems }
}

function readGem(line: string, number: number, gems: LockedGem[], problems: string[]): void {
  const depth = line.length - line.trimStart().length
  // `remote:`, `revision:`, `specs:`
  if (depth === 2) return
  if (depth === 6) {
    const need = line.trimStart().split(' ', 1)[0]
    if (need !== undefined) gems.at(-1)?.needs.push(need)
    return
  }
  const [, name, version] = /^ {4}(\S+) \(([^()]+)\)$/.exec(line) ?? []
  if (name === undefined || version === undefined)
    problems.push(`line ${number}: expected "name (version)", got ${JSON.stringify(line.trim().slice(0, 80))}`)
  else gems.push({ line: number, name, version, needs: [] })
}
