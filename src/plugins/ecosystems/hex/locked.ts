import type { Component, Occurrence } from '../../../model/component.ts'
import type { Term } from './terms.ts'

/** A package of a lock: the name by which others need it, and theirs that it needs. */
export type Locked = {
  readonly component: Component
  readonly application: string
  readonly needs: readonly string[]
  readonly direct?: boolean | undefined
  readonly sum?: string | undefined
}

export function occurrencesOf(locked: readonly Locked[], { at, extractor }: Pick<Occurrence, 'at' | 'extractor'>): readonly Occurrence[] {
  const byName = new Map(locked.map(({ application, component }) => [application, component.purl]))
  return locked.map(({ component, needs, direct, sum }): Occurrence => {
    const dependsOn = [...new Set(needs.flatMap((name) => byName.get(name) ?? []))].sort()
    return {
      ...{ component, at, extractor },
      ...(direct === true && { direct }),
      ...(dependsOn.length > 0 && { dependsOn }),
      ...(sum !== undefined && /^[0-9a-f]{64}$/i.test(sum) && { hashes: [`sha256:${sum.toLowerCase()}`] }),
    }
  })
}

export const textAt = (term: Term | undefined, index: number): string | undefined => {
  const value = typeof term === 'object' ? term[index] : undefined
  return typeof value === 'string' ? value : undefined
}

export const listAt = (term: Term | undefined, index: number): readonly Term[] => {
  const value = typeof term === 'object' ? term[index] : undefined
  return typeof value === 'object' ? value : []
}

/** The value of a member, of a list of pairs. */
export const memberOf = (pairs: Term | undefined, name: string): Term | undefined => {
  const pair = typeof pairs === 'object' ? pairs.find((one) => textAt(one, 0) === name) : undefined
  return typeof pair === 'object' ? pair[1] : undefined
}
