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
