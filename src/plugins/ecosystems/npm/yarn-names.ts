import type { Syml, SymlEntry } from './syml.ts'

/** `name@range` in its two parts; the name may begin with `@`. */
export function partsOf(descriptor: string): { readonly name: string; readonly range: string } | undefined {
  const at = descriptor.indexOf('@', 1)
  return at < 0 ? undefined : { name: descriptor.slice(0, at), range: descriptor.slice(at + 1) }
}

export function textIn(fields: SymlEntry['fields'], name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Members of a field whose values are text. */
export function pairsIn(fields: ReadonlyMap<string, Syml>, name: string): readonly (readonly [string, string])[] {
  const value = fields.get(name)
  return value instanceof Map ? [...value].flatMap(([key, one]) => (typeof one === 'string' ? [[key, one] as const] : [])) : []
}

/**
 * Finds the entry that answers to `name@range`. A project can answer to a range with another one (`resolutions`): then the
 * entry is known by its name alone, if only one has it.
 */
export function finder(ids: Iterable<readonly [descriptor: string, id: string]>): (name: string, range: string) => string | undefined {
  const exact = new Map<string, string>()
  const alone = new Map<string, string | undefined>()
  for (const [descriptor, id] of ids) {
    exact.set(descriptor, id)
    const name = partsOf(descriptor)?.name
    if (name !== undefined) alone.set(name, alone.has(name) && alone.get(name) !== id ? undefined : id)
  }
  return (name, range) => exact.get(`${name}@${range}`) ?? exact.get(`${name}@npm:${range}`) ?? alone.get(name)
}
