import * as z from 'zod'
import type { VexState } from '../../model/resource.ts'
import type { SbomClaim } from '../sbom-claims.ts'
import { listOf, Text } from '../sbom-shapes.ts'

/** `vulnerabilities` (1.4): what a scanner found, and, under `analysis`, what somebody decided of it. */
export const Vulnerability = z.object({
  id: Text,
  analysis: z.object({ state: Text, justification: Text, detail: Text }).optional().catch(undefined),
  affects: listOf('ref'),
})

/** CycloneDX's words of what was decided. */
const states: Readonly<Record<string, VexState>> = {
  exploitable: 'affected',
  false_positive: 'not_affected',
  in_triage: 'under_investigation',
  not_affected: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
}

/** What was only found is no claim: we look ourselves. */
export function claimOf({ id, analysis, affects }: z.infer<typeof Vulnerability>): readonly SbomClaim[] {
  const state = states[analysis?.state ?? '']
  if (id === undefined || analysis === undefined || state === undefined) return []
  const { justification, detail } = analysis
  return [
    { vulnerability: id, state, justification, detail, about: affects.flatMap(({ ref }) => (ref === undefined ? [] : [partOfLink(ref)])) },
  ]
}

/** A part of another bill is named by a link, `urn:cdx:<serial>/<version>#<reference>`; ours is the bill the statement came with. */
const partOfLink = (ref: string): string => (ref.startsWith('urn:cdx:') ? decoded(ref.slice(ref.indexOf('#') + 1)) : ref)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
