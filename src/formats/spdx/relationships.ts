import * as z from 'zod'
import type { Scope } from '../../model/component.ts'

/** A relationship that we cannot read says nothing about a package. */
export const Relationship = z
  .object({ spdxElementId: z.string(), relationshipType: z.string(), relatedSpdxElement: z.string() })
  .catch({ spdxElementId: '', relationshipType: '', relatedSpdxElement: '' })
export type Relationship = z.infer<typeof Relationship>

/** SPDX 2.3, clause 11.1: the first depends on the second, or the second on the first. */
const forward = new Set(['DEPENDS_ON', 'HAS_PREREQUISITE'])
const backward = new Map<string, Scope | undefined>([
  ['DEPENDENCY_OF', undefined],
  ['RUNTIME_DEPENDENCY_OF', 'runtime'],
  ['OPTIONAL_DEPENDENCY_OF', 'optional'],
  ['PROVIDED_DEPENDENCY_OF', 'peer'],
  ['DEV_DEPENDENCY_OF', 'dev'],
  ['TEST_DEPENDENCY_OF', 'dev'],
  ['BUILD_DEPENDENCY_OF', 'dev'],
  ['PREREQUISITE_FOR', undefined],
])

export type Edges = {
  readonly needs: readonly (readonly [ref: string, needed: readonly string[]])[]
  /** What the document is about. */
  readonly describes: readonly string[]
  readonly roles: ReadonlyMap<string, Scope>
}

export function edgesOf(relationships: readonly Relationship[]): Edges {
  const needs = new Map<string, string[]>()
  const roles = new Map<string, Scope>()
  const describes: string[] = []
  for (const { spdxElementId: from, relationshipType: type, relatedSpdxElement: to } of relationships) {
    if (type === 'DESCRIBES') describes.push(to)
    if (type === 'DESCRIBED_BY') describes.push(from)
    if (forward.has(type)) add(needs, from, to)
    if (!backward.has(type)) continue
    add(needs, to, from)
    const role = backward.get(type)
    // What anything needs to run is there to run.
    if (role !== undefined && roles.get(from) !== 'runtime') roles.set(from, role)
  }
  return { needs: [...needs], describes, roles }
}

function add(needs: Map<string, string[]>, from: string, to: string): void {
  const held = needs.get(from)
  if (held === undefined) needs.set(from, [to])
  else held.push(to)
}
