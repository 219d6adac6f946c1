import { once } from 'node:events'
import { heedSignals, type Interrupted } from '../kit/interruption.ts'
import type { Config } from './config.ts'
import { createLog } from './log.ts'
import { type Running, start } from './start.ts'
import { version } from './version.ts'

/** Runs until a signal asks for the end; asked once more, it ends at once. */
export async function serve(config: Config, quiet: boolean): Promise<void> {
  const log = createLog(quiet ? 'warn' : config.logLevel)
  const say = (words: string) => {
    if (!quiet) process.stderr.write(`${words}\n`)
  }
  // Heard from the first moment on: a signal that comes while we start is answered by an orderly end as well.
  const { signal, forget } = heedSignals()
  const asked = once(signal, 'abort')
  try {
    const running = await start(config, log)
    greet(config, running, say)
    const told = running.working.then(
      () => (signal.aborted ? undefined : tellKnowledge(running, say)),
      () => {}, // logged where it failed
    )
    told.catch((error: unknown) => log.error({ err: error }, 'could not say what is known'))
    await asked
    say(`Stopping (${(signal.reason as Interrupted).signal}) ...`)
    await running.stop()
  } finally {
    forget()
  }
}

/** In one piece: whoever waits for a line of it has the others, too. */
function greet({ data, databaseUrl, role }: Config, { url, publicUrl, link }: Running, say: (words: string) => void): void {
  const store = databaseUrl === undefined ? `embedded store in ${data}` : 'PostgreSQL server'
  const lines = [
    `OpenInspector ${version}, role ${role}, ${store}`,
    ...(url === undefined ? [] : [`Ready: ${url}`]),
    ...(publicUrl === undefined ? [] : [`Reached by browsers as ${publicUrl}`]),
    ...(link === undefined ? [] : [`Sign in (once, within 10 minutes): ${link}`]),
    ...(url === undefined ? [] : [`Command line: openinspector findings list --data ${data}`]),
  ]
  say(lines.join('\n'))
}

/** Said at once, not only when somebody looks: unknown is never green. */
async function tellKnowledge({ feeding }: Running, say: (words: string) => void): Promise<void> {
  const { state, feeds } = await feeding.knowledge()
  const missing = feeds.some(({ loadedAt }) => loadedAt !== undefined)
    ? 'For some ecosystem in use no feed is loaded yet'
    : 'No feed is loaded yet'
  if (state === 'starter') say(`${missing}: until then only the starter set is judged. What it does not name is unknown, not safe.`)
  if (state === 'stale') say('Feeds are stale or not loaded yet: what is not listed is unknown, not safe.')
}
