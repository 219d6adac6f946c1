import { setPriority } from 'node:os'
import { heedSignals, type Interrupted } from '../../kit/interruption.ts'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import type { Observing } from './observe.ts'
import { runAgent } from './run.ts'

/** Steps down behind what the host is there for. */
const niceness = 10

/** Reports until a signal asks for the end; asked once more, it ends at once. */
export async function reportUntilAsked(
  where: Pick<Observing, 'folder' | 'root'>,
  { level, say }: { readonly level: string; readonly say: (words: string) => void },
): Promise<void> {
  const { signal, forget } = heedSignals()
  setPriority(niceness)
  signal.addEventListener('abort', () => say(`Stopping (${(signal.reason as Interrupted).signal}) ...`))
  say(`OpenInspector ${version}, agent in ${where.folder}`)
  try {
    await runAgent(where, createLog(level), signal)
  } finally {
    forget()
  }
}
