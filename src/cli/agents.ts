import type { Command } from 'commander'
import type { AgentItem, AgentsPage, Enrolments, NewEnrolment } from '../app/contract.ts'
import { AppError } from '../model/errors.ts'
import { connect, pages, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, type Format, formatOf, withFormat, write, writeRows } from './output.ts'
import { ago, counted, say } from './words.ts'

type Listing = ServerOptions & { output?: Format }
type TokenOptions = Listing & { name?: string; uses?: string; hours?: string }

export const define: Define = (command, done) => {
  command.addHelpText('after', examples(['openinspector agents token --name rack-7 --uses 20 --hours 24', 'openinspector agents list']))

  const list = command.command('list')
  withFormat(withServer(list))
    .description('list agents, whether they are connected, and since when not')
    .addHelpText('after', examples(['openinspector agents list', 'openinspector agents list -o json']))
    .action(async ({ output, ...server }: Listing) => {
      const client = await connect(server)
      const items = pages<AgentItem, AgentsPage>((after) => client.get('/agents', { limit: 100, after }))
      const count = await writeRows(items, agentColumns, formatOf(output))
      say(list, counted(count, 'agent'))
      done(exit.ok)
    })

  withFormat(withServer(command.command('token')), ['json'])
    .description('make a token with which hosts enrol; it is shown this once')
    .option('--name <name>', 'what it is for')
    .option('--uses <count>', 'hosts it may enrol; 1 when absent')
    .option('--hours <hours>', 'how long it may be used; 1 when absent')
    .addHelpText('after', examples(['openinspector agents token', 'openinspector agents token --name rack-7 --uses 20 --hours 24']))
    .action(async ({ output, name, uses, hours, ...server }: TokenOptions, own: Command) => {
      const about = { ...(name !== undefined && { name }), ...numberOf('--uses', uses), ...numberOf('--hours', hours) }
      const made = await (await connect(server)).send<NewEnrolment>('POST', '/agents/tokens', about)
      await write(output === 'json' ? `${JSON.stringify(made)}\n` : `${made.token}\n`)
      say(own, `Enrols ${counted(made.usesLeft, 'host')} until ${made.expiresAt}; openinspector agents end-token ${made.id} ends it sooner`)
    })

  const tokens = command.command('tokens')
  withFormat(withServer(tokens))
    .description('list enrolment tokens that can still be used')
    .addHelpText('after', examples(['openinspector agents tokens']))
    .action(async ({ output, ...server }: Listing) => {
      const { items } = await (await connect(server)).get<Enrolments>('/agents/tokens')
      say(tokens, counted(await writeRows(items, tokenColumns, formatOf(output)), 'token'))
      done(exit.ok)
    })

  withServer(command.command('end-token <id>'))
    .description('end an enrolment token; hosts it enrolled stay')
    .addHelpText('after', examples(['openinspector agents end-token 0123456789abcdef']))
    .action(async (id: string, server: ServerOptions, own: Command) => {
      await (await connect(server)).send('DELETE', `/agents/tokens/${encodeURIComponent(id)}`)
      say(own, `Ended ${id}`)
    })

  withServer(command.command('revoke <id>'))
    .description('refuse an agent from now on; its host stays in coverage, shown as no longer looked at')
    .addHelpText('after', examples(['openinspector agents revoke 00000000-0000-4000-8000-000000000000']))
    .action(async (id: string, server: ServerOptions, own: Command) => {
      await (await connect(server)).send('DELETE', `/agents/${encodeURIComponent(id)}`)
      say(own, `Revoked ${id}`)
    })
}

function numberOf(flag: '--uses' | '--hours', value: string | undefined): Readonly<Record<string, number>> {
  if (value === undefined) return {}
  const number = Number(value)
  if (!(number > 0)) throw new AppError('invalid', `${flag}: expected a number above 0, got ${JSON.stringify(value)}.`)
  return { [flag.slice(2)]: number }
}

const agentColumns: readonly Column<AgentItem>[] = [
  { head: 'HOST', width: 40, value: ({ hostname }) => hostname },
  {
    head: 'STATUS',
    width: 40,
    value: ({ status, seenAt, revokedAt }) =>
      status === 'disconnected'
        ? `disconnected since ${seenAt.slice(0, 19)}Z`
        : status === 'revoked'
          ? `revoked ${ago(revokedAt)}`
          : status,
  },
  { head: 'HEARD OF', width: 12, value: ({ seenAt }) => ago(seenAt) },
  { head: 'VERSION', width: 10, value: ({ version }) => version },
  { head: 'TOKEN', width: 20, value: ({ enrolledWith }) => enrolledWith },
  { head: 'ID', width: 36, value: ({ id }) => id },
]
const tokenColumns: readonly Column<Enrolments['items'][number]>[] = [
  { head: 'ID', width: 16, value: ({ id }) => id },
  { head: 'NAME', width: 40, value: ({ name }) => name },
  { head: 'USES LEFT', width: 9, value: ({ usesLeft }) => String(usesLeft) },
  { head: 'EXPIRES', width: 24, value: ({ expiresAt }) => expiresAt },
  { head: 'MADE BY', width: 20, value: ({ createdBy }) => createdBy },
]
