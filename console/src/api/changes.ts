import type { QueryClient } from '@tanstack/react-query'
import { address, authorization } from './client.ts'
import { keys } from './queries.ts'
import type { Change, Evaluating, Session } from './types.ts'

/** All that messages speak of. The trend follows the number it explains. */
const followed = Object.values(keys).filter((key) => key !== keys.trend)
/** Several messages of one burst cost one reading of what is on screen. */
const gatherMs = 800
const retryMs = { first: 1_000, longest: 30_000 }

/**
 * Follows `/changes` (server-sent events) until the signal ends, and marks what the messages touch as old. Read with
 * fetch and not EventSource: only fetch can carry a pasted token.
 */
export async function followChanges(client: QueryClient, signal: AbortSignal): Promise<void> {
  const stale = gatherStale(client, signal)
  let wait = retryMs.first
  while (!signal.aborted) {
    try {
      const response = await fetch(address('/changes'), { headers: { accept: 'text/event-stream', ...authorization() }, signal })
      // Signed out, or not allowed: another try cannot help, and the pages say so themselves.
      if (response.status === 401 || response.status === 403) return
      if (response.ok && response.body !== null) {
        wait = retryMs.first
        for await (const change of messages(response.body)) take(client, change, stale)
      }
    } catch {
      // Lost connection: tried again below; pages keep what they show, with its age.
    }
    await pause(wait, signal)
    wait = Math.min(wait * 2, retryMs.longest)
  }
}

function take(client: QueryClient, change: Change, stale: (touched: readonly string[]) => void): void {
  switch (change.is) {
    case 'findings':
      return stale([keys.summary, keys.findings, keys.finding, keys.resource, keys.rules])
    case 'coverage':
      return stale([keys.summary, keys.coverage, keys.resource])
    case 'feeds':
      return stale([keys.session, keys.feeds, keys.summary])
    case 'hello':
      // Whatever was read before the stream began may have changed since, unheard.
      evaluating(client, change.evaluating)
      return stale(followed)
    case 'lost':
      return stale(followed)
    case 'evaluating':
      evaluating(client, { pending: change.pending, looks: change.looks })
      if (change.pending === 0) stale([keys.summary, keys.findings, keys.coverage])
  }
}

function evaluating(client: QueryClient, now: Evaluating): void {
  client.setQueryData<Session>([keys.session], (held) => held && { ...held, evaluating: now })
}

function gatherStale(client: QueryClient, signal: AbortSignal) {
  const waiting = new Set<string>()
  let timer: number | undefined
  signal.addEventListener('abort', () => window.clearTimeout(timer))
  return (touched: readonly string[]) => {
    for (const key of touched) waiting.add(key)
    timer ??= window.setTimeout(() => {
      timer = undefined
      for (const key of waiting) void client.invalidateQueries({ queryKey: [key] })
      waiting.clear()
    }, gatherMs)
  }
}

/** Messages of an event stream: `data:` lines up to an empty line (WHATWG HTML, section 9.2.6); names and ids are not used. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Change> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = block
          .split('\n')
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trimStart())
        if (data.length > 0) yield JSON.parse(data.join('\n')) as Change
      }
    }
  } finally {
    await reader.cancel()
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer)
      resolve()
    })
  })
}
