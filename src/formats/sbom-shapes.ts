import * as z from 'zod'
import { isRecord } from './json.ts'

/** A text; what is written otherwise is as good as absent, and must not cost what it stands in. */
export const Text = z.string().optional().catch(undefined)

/** Objects of some texts. A member that is no object has none of them; one object may stand for a list of it, and what is neither is an empty list. */
export const listOf = <const Name extends string>(...names: readonly Name[]) =>
  z
    .unknown()
    .transform((told) => (Array.isArray(told) ? told : isRecord(told) ? [told] : []).map((one: unknown) => textsOf(one, names)))
    .catch([])

function textsOf<Name extends string>(told: unknown, names: readonly Name[]): { readonly [N in Name]?: string } {
  const texts: { [N in Name]?: string } = {}
  if (isRecord(told))
    for (const name of names) {
      const value = told[name]
      if (typeof value === 'string') texts[name] = value
    }
  return texts
}
