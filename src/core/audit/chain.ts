import { createHash } from 'node:crypto'

/** One write, as it is remembered. `before` and `after` hold no secrets. */
export type AuditEntry = {
  readonly at: Date
  /** Name of the principal; `openinspector` for what the program does by itself. */
  readonly principal: string
  /** `filter.create`, `access-key.disable`, `Enable` ... */
  readonly action: string
  /** ARN, or kind and name. */
  readonly object: string
  readonly before?: unknown
  readonly after?: unknown
  readonly why?: string
}

/** Before the first row. */
export const noHash = Buffer.alloc(32)

/** SHA-256 over the hash of the row before and the row's content: no row can change, vanish or move unseen. */
export function chainHash(previous: Uint8Array, { at, principal, action, object, before, after, why }: AuditEntry): Buffer {
  const content = canonical([at.toISOString(), principal, action, object, plain(before), plain(after), why ?? null])
  return createHash('sha256').update(previous).update(content).digest()
}

/** What JSON keeps of a value: dates become text, absent members go. */
export const plain = (value: unknown): unknown => (value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown))

/** JSON with sorted keys: the database keeps jsonb in an order of its own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
