import { createHash } from 'node:crypto'

/**
 * A name for an element, of the letters that SPDX allows (2.3, clause 7.2): readable, and, by the digest behind it, no other element's.
 */
export function elementName(ref: string): string {
  const words = ref
    .replace(/^pkg:|[?#].*$/gs, '')
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `${words.slice(0, 100)}-${createHash('sha256').update(ref).digest('hex').slice(0, 12)}`
}
