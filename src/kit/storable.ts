/**
 * The same value with texts that a database and JSON's readers can hold: PostgreSQL takes neither NUL nor half a surrogate pair,
 * and what strangers write may have both. The value itself where nothing is to be changed.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T
  if (Array.isArray(value)) {
    const items = value.map(storable)
    return items.every((item, at) => item === value[at]) ? value : (items as T)
  }
  if (!isPlain(value)) return value
  const members = Object.entries(value).map(([name, member]) => [storableText(name), storable(member)] as const)
  return members.every(([name, member]) => value[name] === member) ? value : (Object.fromEntries(members) as T)
}

const storableText = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text).toWellFormed()

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
