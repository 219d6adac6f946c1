import type { KnowledgeFeed } from '../../../model/seams.ts'
import { fetchOsv } from './fetch.ts'
import { parseOsv } from './parse.ts'

/** Advisories in OSV form, one bulk archive for each ecosystem, then single changed records. */
export const osv = {
  id: 'osv',
  version: 3,
  title: 'OSV advisories',
  per: 'ecosystem',
  teaches: 'advisory',
  staleAfterHours: 48,
  fetch: fetchOsv,
  parse: parseOsv,
} satisfies KnowledgeFeed
