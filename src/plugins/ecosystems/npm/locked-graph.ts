import type { Component, Occurrence } from '../../../model/component.ts'
import { quoted } from '../../../formats/problems.ts'
import { npmComponent } from './component.ts'

/** Why a package is there. Of two ways that lead to it, the stronger one counts. */
export type LockScope = 'runtime' | 'peer' | 'optional' | 'dev'

/** That a project or a package asks for another, by the other's id. */
export type Need = { readonly to: string; readonly as: LockScope }

/** One package of a lock. */
export type LockedPackage = {
  /** undefined: the project's own (a workspace, a folder, a link). */
  readonly installed?: { readonly name: string; readonly version: string }
  readonly needs: readonly Need[]
  readonly hashes?: readonly string[]
}

export type LockedGraph = {
  readonly packages: ReadonlyMap<string, LockedPackage>
  /** What the project and its workspaces ask for. */
  readonly asked: readonly Need[]
  /** Whether `asked` is all and says why. Otherwise only a package known to run has a scope. */
  readonly whole: boolean
  /** How a package is told apart from others by its name and version; those of npm where it is left out. */
  readonly componentOf?: (name: string, version: string) => Component | undefined
}

const byStrength: readonly LockScope[] = ['runtime', 'peer', 'optional', 'dev']
const weakness = { runtime: 0, peer: 1, optional: 2, dev: 3 } as const

/** One occurrence for each package and version, however often the lock holds it: the strongest scope, all it needs. */
export function occurrencesOf(
  graph: LockedGraph,
  { at, extractor }: Pick<Occurrence, 'at' | 'extractor'>,
  problems: string[],
): readonly Occurrence[] {
  const { componentOf = npmComponent } = graph
  const components = new Map<string, Component>()
  for (const [id, { installed }] of graph.packages) {
    if (installed === undefined) continue
    const component = componentOf(installed.name, withoutSecrets(installed.version))
    if (component === undefined) problems.push(`${quoted(id)}: expected the name and the version of a package`)
    else components.set(id, component)
  }
  const scopes = scopesOf(graph)
  const direct = new Set(graph.asked.map(({ to }) => components.get(to)?.purl))
  const found = new Map<string, { component: Component; weakest: number; needs: Set<string>; hashes: Set<string> }>()
  for (const [id, component] of components) {
    const held = found.get(component.purl) ?? { component, weakest: UNKNOWN, needs: new Set<string>(), hashes: new Set<string>() }
    held.weakest = Math.min(held.weakest, scopes.get(id) ?? UNKNOWN)
    for (const { to } of graph.packages.get(id)?.needs ?? []) {
      const needed = components.get(to)
      if (needed) held.needs.add(needed.purl)
    }
    for (const hash of graph.packages.get(id)?.hashes ?? []) held.hashes.add(hash)
    found.set(component.purl, held)
  }
  return [...found.values()].map(({ component, weakest, needs, hashes }): Occurrence => {
    const scope = graph.whole || weakest === 0 ? byStrength[weakest] : undefined
    return {
      ...{ component, at, extractor },
      ...(scope !== undefined && { scope }),
      ...(direct.has(component.purl) && { direct: true }),
      ...(needs.size > 0 && { dependsOn: [...needs].sort() }),
      ...(hashes.size > 0 && { hashes: [...hashes].sort() }),
    }
  })
}

/** No way leads to it. */
const UNKNOWN = byStrength.length

/** The strongest scope by which each package is reached: a way is as strong as its weakest step. Each package is gone through once. */
function scopesOf({ packages, asked }: LockedGraph): ReadonlyMap<string, number> {
  const scopes = new Map<string, number>()
  const waiting = byStrength.map((scope) => asked.filter(({ as }) => as === scope).map(({ to }) => to))
  for (const [level, open] of waiting.entries()) {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (scopes.has(id)) continue
      scopes.set(id, level)
      for (const { to, as } of packages.get(id)?.needs ?? []) if (!scopes.has(to)) waiting[Math.max(level, weakness[as])]?.push(to)
    }
  }
  return scopes
}

/** An address in place of a version, perhaps with a password or a token in it. */
export function withoutSecrets(version: string): string {
  return version.includes('/') ? version.replace(/\/\/[^/@]*@/, '//').replace(/\?[^#]*/, '') : version
}
