import type { Command } from 'commander'
import type { LocalFeed } from '../app/advisories.ts'
import type { Knowledge } from '../app/contract.ts'
import { dataFolder } from '../app/data-folder.ts'
import { untilInterrupted } from '../kit/interruption.ts'
import { AppError } from '../model/errors.ts'
import { connect, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, type Format, formatOf, withFormat, writeRows } from './output.ts'
import { progress } from './progress.ts'
import { ago, say } from './words.ts'

type Options = ServerOptions & { readonly output?: Format; readonly feeds?: string; readonly ecosystem?: readonly string[] }
type Row = (LocalFeed | Knowledge['feeds'][number]) & { readonly where: 'server' | 'local' }

export const define: Define = (command, done) => {
  command.addHelpText('after', examples(['openinspector feeds sync', 'openinspector feeds status']))

  withFormat(withServer(command.command('sync')))
    .description('load advisories for stand-alone scans on this machine, and ask a running server to load its own')
    .option('--feeds <where>', 'folder or URL of a mirror of the feeds; the public addresses when absent')
    .option('--ecosystem <name...>', 'OSV ecosystems to hold; when absent, all that can be judged and, of a folder, that it has')
    .addHelpText(
      'after',
      examples([
        'openinspector feeds sync',
        'openinspector feeds sync --feeds /srv/mirror',
        'openinspector feeds sync --server https://oi.example.org',
      ]),
    )
    .action(async (options: Options, own: Command) => {
      const server = options.feeds === undefined ? await reachable(options) : undefined
      if (server !== undefined) {
        await server.send('POST', '/feeds/sync', {})
        say(own, `Asked the server at ${server.url} to load its feeds`)
      }
      if (options.server !== undefined) return done(exit.ok)
      const { localFeeds, mirrorUrl, syncFeeds, syncedFile } = await import('../app/advisories.ts')
      const about = {
        path: syncedFile(dataFolder(options.data)),
        ...(options.ecosystem && { families: options.ecosystem }),
        ...(options.feeds !== undefined && { base: await mirrorUrl(options.feeds) }),
      }
      const shown = progress(own)
      shown.say('Loading feeds ...')
      const meta = await untilInterrupted((signal) => syncFeeds({ ...about, signal })).finally(shown.end)
      const rows = localFeeds(meta, Date.now()).map((feed) => ({ ...feed, where: 'local' as const }))
      await writeRows(rows, columns, formatOf(options.output))
      done(rows.every(({ state }) => state === 'fresh') ? exit.ok : exit.incomplete)
    })

  withFormat(withServer(command.command('status')))
    .description('every feed: how old, how many records, what went wrong last')
    .addHelpText('after', examples(['openinspector feeds status', 'openinspector feeds status -o json']))
    .action(async (options: Options, own: Command) => {
      const server = await reachable(options)
      const rows: Row[] = []
      if (server !== undefined)
        rows.push(...(await server.get<Knowledge>('/feeds')).feeds.map((feed) => ({ ...feed, where: 'server' as const })))
      if (options.server === undefined) rows.push(...(await localRows(dataFolder(options.data))))
      const count = await writeRows(rows, columns, formatOf(options.output))
      if (count === 0) say(own, 'No feed was ever loaded. Next: openinspector feeds sync')
      done(count > 0 && rows.every(({ state }) => state === 'fresh') ? exit.ok : exit.incomplete)
    })
}

const columns: readonly Column<Row>[] = [
  { head: 'FEED', width: 20, value: ({ name }) => name },
  { head: 'WHERE', width: 6, value: ({ where }) => where },
  { head: 'STATE', width: 8, value: ({ state }) => state },
  { head: 'RECORDS', width: 9, value: ({ records }) => String(records) },
  { head: 'BROKEN', width: 6, value: ({ broken }) => String(broken) },
  { head: 'LOADED', width: 12, value: ({ loadedAt }) => ago(loadedAt) },
  { head: 'CONTENT', width: 12, value: ({ publishedAt }) => (publishedAt === undefined ? '-' : ago(publishedAt)) },
  { head: 'FAULT', width: 60, value: ({ error }) => error ?? '' },
]

/** The server asked for, which must answer; or the one of the data folder, when it does. */
async function reachable(options: Options) {
  try {
    const client = await connect(options)
    await client.get('/session')
    return client
  } catch (error) {
    if (options.server === undefined && error instanceof AppError && ['missing', 'upstream'].includes(error.code)) return undefined
    throw error
  }
}

async function localRows(data: string): Promise<readonly Row[]> {
  const { heldFeedsOf } = await import('../app/advisories.ts')
  return heldFeedsOf(data).map((feed) => ({ ...feed, where: 'local' as const }))
}
