import type { KnowledgeFeed } from '../../model/seams.ts'
import { epss } from './epss/index.ts'
import { kev } from './kev/index.ts'
import { osv } from './osv/index.ts'

/** Every source of knowledge, by id. */
export const feeds: readonly KnowledgeFeed[] = [epss, kev, osv]
