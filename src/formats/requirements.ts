/** A package of a system's database as far as others need it. */
export type Requiring = {
  readonly purl: string
  readonly name: string
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  readonly files: readonly string[]
}

/** Packages that one may need; a real one needs some hundred. */
const MOST = 4096

/**
 * Which installed packages each package needs, by purl: what it requires is the name of one, or something one provides, or a
 * file one has. Where several would do, the first by name is taken. What nothing here provides is left out, and what a
 * package provides itself.
 */
export function neededBy(packages: readonly Requiring[]): (one: Requiring) => readonly string[] {
  const sorted = packages.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.purl < b.purl ? -1 : 1))
  const asked = new Set(packages.flatMap(({ requires }) => requires))
  const providers = new Map<string, string>()
  const offer = (what: string, purl: string) => {
    if (asked.has(what) && !providers.has(what)) providers.set(what, purl)
  }
  for (const { name, purl } of sorted) offer(name, purl)
  for (const { provides, purl } of sorted) for (const what of provides) offer(what, purl)
  for (const { files, purl } of sorted) for (const path of files) offer(`/${path}`, purl)
  return ({ requires, provides, purl }) => {
    const needs = new Set<string>()
    const own = new Set(provides)
    for (const what of requires) {
      const provider = own.has(what) ? undefined : providers.get(what)
      if (provider !== undefined && provider !== purl && needs.size < MOST) needs.add(provider)
    }
    return [...needs].sort()
  }
}
