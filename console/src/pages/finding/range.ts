type Event = { readonly introduced?: string; readonly fixed?: string; readonly last_affected?: string; readonly limit?: string }

/** What held the version, in words: a range of OSV (events in order), or one listed version. Anything else as it came. */
export function rangeInWords(range: unknown): string {
  if (typeof range !== 'object' || range === null) return range === undefined ? 'Unknown' : String(range)
  if ('version' in range && typeof range.version === 'string') return `exactly ${range.version}`
  const inner = 'range' in range ? range.range : range
  if (typeof inner !== 'object' || inner === null || !('events' in inner) || !Array.isArray(inner.events)) return JSON.stringify(range)
  return inner.events.map(eventInWords).filter(Boolean).join(', ')
}

function eventInWords({ introduced, fixed, last_affected, limit }: Event): string | undefined {
  if (introduced !== undefined) return introduced === '0' ? 'from the first version' : `from ${introduced}`
  if (fixed !== undefined) return `before ${fixed}`
  if (last_affected !== undefined) return `up to ${last_affected}`
  return limit === undefined ? undefined : `below ${limit}`
}
