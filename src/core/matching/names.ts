import type { Advisory } from '../../model/advisory.ts'

/** What grouping reads of an advisory. Withdrawn ones are left out by the caller: their aliases join nothing. */
export type Named = Pick<Advisory, 'id' | 'aliases' | 'bundles'>

/** Which weaknesses names stand for. A weakness goes by its preferred name. */
export type NameGroups = {
  /** For every id and alias of a record that is no bundle, and every bundled id: the weaknesses it stands for, sorted. */
  readonly weaknesses: ReadonlyMap<string, readonly string[]>
  /** For every weakness: all names that stand for it, preferred first. A bundle's id is not among them. */
  readonly names: ReadonlyMap<string, readonly string[]>
  /** For every bundle's id: the weaknesses it speaks for, sorted. */
  readonly bundles: ReadonlyMap<string, readonly string[]>
}

/**
 * Which weakness is meant by which name. The rules, in this order:
 * 1. A CVE id is a weakness of its own; two never merge.
 * 2. A record that names CVE ids (its id or aliases) speaks for each of them, and so does each of its other ids.
 * 3. A record that names no CVE speaks for what its ids are known to speak for, and gives that word to its ids that had
 *    none; and so on from record to record, so that an id follows its nearest word and never a farther one.
 * 4. Records that no such word reaches tie their ids together; each cluster of ids is a weakness of its own.
 * 5. A bundle ties nothing together. It speaks for what the ids it bundles stand for, and for any CVE among its names.
 *
 * The result does not depend on the order or repetition of the records. It is complete for a weakness when `records` holds
 * every record that can be reached from one naming it, going from record to record over shared names (id, alias): recompute
 * the connected components of the old and the new names of the records that changed. A bundle needs the components of the
 * ids it bundles, and none needs a bundle.
 */
export function groupNames(records: Iterable<Named>): NameGroups {
  const weaknesses = new Map<string, readonly string[]>()
  const bundled: Named[] = []
  const open: (readonly string[])[] = []
  for (const record of records) {
    if (record.bundles.length > 0) {
      bundled.push(record)
      continue
    }
    const { cves, others } = namesOf(record)
    for (const cve of cves) if (!weaknesses.has(cve)) weaknesses.set(cve, [cve])
    if (cves.length === 0) open.push(others)
    else for (const name of others) weaknesses.set(name, united(weaknesses.get(name), cves))
  }
  for (const cluster of clustersOf(spread(weaknesses, open))) for (const name of cluster) weaknesses.set(name, cluster.slice(0, 1))
  const meantBy = bundled.map((record) => [record.id, weaknessesOf(record, { weaknesses })] as const)
  const bundles = new Map<string, readonly string[]>()
  for (const [id, meant] of meantBy) {
    bundles.set(id, united(bundles.get(id), meant))
    for (const name of meant) if (!weaknesses.has(name)) weaknesses.set(name, [name])
  }
  return { weaknesses, names: namesByWeakness(weaknesses), bundles }
}

/** The weaknesses an advisory speaks for, given the groups of (at least) everything connected with it. Never empty. */
export function weaknessesOf(record: Named, { weaknesses }: Pick<NameGroups, 'weaknesses'>): readonly string[] {
  const { cves, others } = namesOf(record)
  const isBundle = record.bundles.length > 0
  if (cves.length > 0 && !isBundle) return cves
  const ids = isBundle ? [...record.bundles, ...cves] : others
  return sorted(ids.flatMap((name) => (isCve(name) ? name : (weaknesses.get(name) ?? name))))
}

/**
 * Rule 3: round by round, records with a known id give its word to their other ids. Words found in a round count from the
 * next one on, so that the order of records has no say. Returns the records that no word reached.
 */
function spread(words: Map<string, readonly string[]>, records: readonly (readonly string[])[]): readonly (readonly string[])[] {
  for (let open = records; ; ) {
    const found = new Map<string, readonly string[]>()
    const left: (readonly string[])[] = []
    for (const names of open) {
      const meant = sorted(names.flatMap((name) => words.get(name) ?? []))
      if (meant.length === 0) left.push(names)
      else for (const name of names) if (!words.has(name)) found.set(name, united(found.get(name), meant))
    }
    if (left.length === open.length) return left
    for (const [name, meant] of found) words.set(name, meant)
    open = left
  }
}

/**
 * Orders names by how well they are known: CVE ids, then GHSA ids, then others; within a kind by text, numbers as numbers.
 * The first is a weakness's preferred name.
 */
export function byPreference(left: string, right: string): number {
  return kindOf(left) - kindOf(right) || inNumbers(left, right)
}

export function isCve(name: string): boolean {
  return name.startsWith('CVE-') && /^CVE-\d{4}-\d{4,}$/.test(name)
}

function kindOf(name: string): number {
  return isCve(name) ? 0 : name.startsWith('GHSA-') ? 1 : 2
}

/** Text order in which runs of digits count as numbers (`CVE-2024-9999` before `CVE-2024-10000`); a total order. */
function inNumbers(left: string, right: string): number {
  const a = left.match(/\d+|\D+/g) ?? []
  const b = right.match(/\d+|\D+/g) ?? []
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const x = a[at] ?? ''
    const y = b[at] ?? ''
    if (x === y) continue
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const order = BigInt(x) - BigInt(y)
      if (order !== 0n) return order < 0n ? -1 : 1
    } else return x < y ? -1 : 1
  }
  return a.length - b.length || (left < right ? -1 : left > right ? 1 : 0)
}

function namesOf({ id, aliases }: Named): { readonly cves: readonly string[]; readonly others: readonly string[] } {
  const all = sorted([id, ...aliases])
  return { cves: all.filter(isCve), others: all.filter((name) => !isCve(name)) }
}

function namesByWeakness(weaknesses: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const [name, meant] of weaknesses)
    for (const weakness of meant) {
      const held = names.get(weakness)
      if (held) held.push(name)
      else names.set(weakness, [name])
    }
  for (const held of names.values()) held.sort(byPreference)
  return names
}

/** Each name once, by preference. */
const sorted = (names: readonly string[]) => (names.length < 2 ? names : [...new Set(names)].sort(byPreference))

/** Both lists, each name once; nearly always there is only one, or both are the same. */
function united(held: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  if (held === undefined) return more
  return more.every((name) => held.includes(name)) ? held : sorted([...held, ...more])
}

/** Ids that share a record, directly or through others, preferred name first (union-find). */
function clustersOf(records: Iterable<readonly string[]>): string[][] {
  const above = new Map<string, string>()
  const rootOf = (name: string): string => {
    let root = name
    for (let next = above.get(root); next !== undefined && next !== root; next = above.get(root)) root = next
    above.set(name, root)
    return root
  }
  for (const names of records) for (const name of names) above.set(rootOf(name), rootOf(names[0] ?? name))
  const members = new Map<string, string[]>()
  for (const name of above.keys()) {
    const root = rootOf(name)
    const held = members.get(root)
    if (held) held.push(name)
    else members.set(root, [name])
  }
  return [...members.values()].map((names) => names.sort(byPreference))
}
