import type { KnowledgeState } from '../api/types.ts'

/** What to tell on every page while a clean list would not mean safe. `full` needs no word. */
export const knowledgeNotices: Record<Exclude<KnowledgeState, 'full'>, { readonly header: string; readonly content: string }> = {
  starter: {
    header: 'Only the starter set was judged',
    content:
      'No feed is loaded, so components were compared with a small built-in set of well-known vulnerabilities. What is not listed is unknown, not safe.',
  },
  stale: {
    header: 'Feeds are stale',
    content: 'At least one feed is older than its limit, failed to load or was never loaded. What it would say is unknown here.',
  },
  none: {
    header: 'Nothing was judged',
    content: 'No advisories are loaded. Until a feed is, every component is unknown, not safe.',
  },
}
