import { limits } from '../kit/limits.ts'
import type { VexClaim, VexState } from '../model/resource.ts'

/** What a document says of one vulnerability of some of its parts, by their references. */
export type SbomClaim = {
  readonly vulnerability: string
  readonly about: readonly string[]
  readonly state: VexState
  readonly justification?: string | undefined
  readonly detail?: string | undefined
}

/** Claims kept of one document: they are facts of a resource, which are one row. */
const MOST = limits.gaps
const LONGEST = 500

/** Claims about packages of the document. One that is about what it does not list is told, and not kept: it could be about anything. */
export function claimsOf(
  told: readonly SbomClaim[],
  around: { readonly purls: ReadonlyMap<string, string>; readonly root: string | undefined; readonly source: string },
  doubt: (reason: string) => void,
): readonly VexClaim[] {
  const claims: VexClaim[] = []
  const lost = new Set<string>()
  for (const { vulnerability, about, state, justification, detail } of told) {
    const named = vulnerability.slice(0, 100)
    const said = { vulnerability: named, state, ...words({ justification, detail }), source: around.source }
    for (const ref of about) {
      const purl = around.purls.get(ref)
      if (claims.length > MOST) break
      if (purl !== undefined) claims.push({ ...said, purl })
      else if (ref === around.root) claims.push(said)
      else lost.add(named)
    }
    if (about.length === 0) lost.add(named)
  }
  if (lost.size > 0)
    doubt(
      `it says of ${lost.size} vulnerabilities whether they affect something that it does not list: ${[...lost].slice(0, 5).join(', ')}`,
    )
  if (claims.length > MOST) doubt(`it says whether vulnerabilities affect packages more than ${MOST} times: the others are not kept`)
  return claims.slice(0, MOST)
}

function words(told: { readonly justification: string | undefined; readonly detail: string | undefined }) {
  const { justification, detail } = told
  return {
    ...(justification !== undefined && justification !== '' && { justification: justification.slice(0, LONGEST) }),
    ...(detail !== undefined && detail !== '' && { detail: detail.slice(0, LONGEST) }),
  }
}
