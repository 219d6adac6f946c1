/** What core gives, with times as text: what JSON will show, before it is checked against the contract. */
export type IsoTimes<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? IsoTimes<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: IsoTimes<T[K]> }
      : T

export function isoTimes<T>(value: T): IsoTimes<T> {
  return written(value) as IsoTimes<T>
}

function written(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(written)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, written(each)]))
}
