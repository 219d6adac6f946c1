import { searchVulnerability } from '../../../core/findings/index.ts'
import { operation } from '../operation.ts'
import { vulnerabilityToWire } from '../to-wire.ts'

/** Exactly one id is asked for; the answer has one record or none. */
export const searchVulnerabilities = operation('SearchVulnerabilities', async ({ filterCriteria }, { reads }) => {
  const [id = ''] = filterCriteria?.vulnerabilityIds ?? []
  const found = await searchVulnerability(reads, id)
  return { vulnerabilities: found === undefined ? [] : [vulnerabilityToWire(found)] }
})
