import { createHash } from 'node:crypto'
import exceptions from 'spdx-exceptions/index.json' with { type: 'json' }
import current from 'spdx-license-ids/index.json' with { type: 'json' }
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }

const ids: ReadonlySet<string> = new Set([...current, ...deprecated])
const exceptionIds: ReadonlySet<string> = new Set(exceptions)

/** Is it an identifier of SPDX's list of licences? */
export const isLicenceId = (text: string): boolean => ids.has(text)

/** Is it an expression (SPDX 2.3, annex D) of licences on SPDX's list? One of unknown names says nothing to anybody else. */
export function isLicenceExpression(text: string): boolean {
  let open = 0
  let wants: 'licence' | 'operator' | 'exception' = 'licence'
  for (const token of text.match(/[()]|[^\s()]+/g) ?? []) {
    if (wants === 'licence' && token === '(') open++
    else if (wants === 'licence' && ids.has(token.replace(/\+$/, ''))) wants = 'operator'
    else if (wants === 'exception' && exceptionIds.has(token)) wants = 'operator'
    else if (wants === 'operator' && token === ')' && open > 0) open--
    else if (wants === 'operator' && (token === 'AND' || token === 'OR')) wants = 'licence'
    else if (wants === 'operator' && token === 'WITH') wants = 'exception'
    else return false
  }
  return wants === 'operator' && open === 0
}

/** A reference for a licence that is on no list, the same wherever its name is (SPDX 2.3, clause 10.1). */
export function licenceReference(name: string): string {
  const words = name.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-+|-+$/g, '')
  return `LicenseRef-${words.slice(0, 60)}${words === '' ? '' : '-'}${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/**
 * All licences of a package as one expression, in which those on no list are references, `named` by what they are called. A list without
 * operators means that each speaks for something in the package.
 */
export function expressionOf(licences: readonly string[], named: Map<string, string>): string | undefined {
  const parts = licences.map((licence) => {
    if (isLicenceExpression(licence)) return licences.length > 1 && /\s/.test(licence) ? `(${licence})` : licence
    const reference = licenceReference(licence)
    named.set(reference, licence)
    return reference
  })
  return parts.length === 0 ? undefined : parts.join(' AND ')
}
