import type { KnowledgeFeed } from '../../../model/seams.ts'
import { fetchEpss } from './fetch.ts'
import { parseEpss } from './scores.ts'

/** EPSS by FIRST: probability that a CVE is exploited within 30 days, a whole file each day. */
export const epss = {
  id: 'epss',
  version: 1,
  title: 'EPSS scores by FIRST',
  per: 'all',
  teaches: 'probability',
  staleAfterHours: 72,
  fetch: fetchEpss,
  parse: parseEpss,
} satisfies KnowledgeFeed
