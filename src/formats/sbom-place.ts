import * as z from 'zod'
import { scopes, type Gap, type Occurrence } from '../model/component.ts'
import { kept, placeOf, type Found } from './sbom-parts.ts'

/**
 * Where a component was found and what it is there for, as one line of JSON: no standard has members for all of it, and each has a place
 * for a line of somebody's own.
 */
export function placeLine({ at, extractor, ownedBy, scope, direct, requirement }: Occurrence): string {
  const { path, layer } = at
  return JSON.stringify({ path, layer, extractor, owner: ownedBy, scope, direct, requirement })
}

const Place = z.object({
  path: z.string(),
  layer: z.string().optional(),
  extractor: z.string().min(1).max(100).optional().catch(undefined),
  owner: z.string().optional(),
  scope: z.enum(scopes).optional().catch(undefined),
  direct: z.boolean().optional(),
  requirement: z.string().optional(),
})

/** undefined: the line is none that we write. */
export function foundOfLine(line: string): Found | undefined {
  const place = Place.safeParse(valueOf(line))
  if (!place.success) return undefined
  const { path, layer, extractor, owner, scope, direct, requirement } = place.data
  const [ownedBy, asked] = [kept(owner), kept(requirement)]
  return {
    ...placeOf(path, layer),
    ...(extractor !== undefined && { extractor }),
    ...(ownedBy !== undefined && { ownedBy }),
    ...(scope !== undefined && { scope }),
    ...(direct !== undefined && { direct }),
    ...(asked !== undefined && { requirement: asked }),
  }
}

/** What could not be read, as one line of JSON. */
export const gapLine = ({ path, extractor, reason }: Gap): string => JSON.stringify({ path, extractor, reason })

const Told = z.object({ path: z.string().max(4096), extractor: z.string().min(1).max(100), reason: z.string().min(1).max(4096) })

/** undefined: the line is none that we write. */
export const gapOfLine = (line: string): Gap | undefined => Told.safeParse(valueOf(line)).data

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
