import type { KnowledgeState } from '../api/types.ts'

/** What to tell on every page while a clean list would not mean safe. `full` needs no word. */
export const knowledgeNotices: Record<Exclude<KnowledgeState, 'full'>, { readonly header: string; readonly content: string }> = {
  starter: {
    header: 'Not everything here has a feed',
    content:
      'For at least one ecosystem in use no feed was ever loaded: of its packages only the starter set, a few well-known vulnerabilities, was judged. What is not listed is unknown, not safe.',
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
