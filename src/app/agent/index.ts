import { once } from 'node:events'
import { setPriority } from 'node:os'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import type { Observing } from './observe.ts'
import { runAgent } from './run.ts'

/** Steps down behind what the host is there for. */
const niceness = 10

/** Reports until a signal asks for the end; a second one ends at once. */
export async function reportUntilAsked(
  where: Pick<Observing, 'folder' | 'root'>,
  { level, say }: { readonly level: string; readonly say: (words: string) => void },
): Promise<void> {
  setPriority(niceness)
  const ending = new AbortController()
  const asked = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    once(process, name, { signal: ending.signal }).then(
      () => {
        say(`Stopping (${name}) ...`)
        asked.abort()
        for (const again of ['SIGTERM', 'SIGINT']) process.once(again, () => process.exit(130))
      },
      () => {},
    )
  say(`OpenInspector ${version}, agent in ${where.folder}`)
  try {
    await runAgent(where, createLog(level), asked.signal)
  } finally {
    ending.abort()
  }
}
