import { InvalidArgumentError, type Command } from 'commander'
import type { FilterItem, FilterPreview, Filters } from '../app/contract.ts'
import { AppError } from '../model/errors.ts'
import { connect, pages, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, type Format, formatOf, withFormat, write, writeRows } from './output.ts'
import { ago, say } from './words.ts'

const repeatable = ['severity', 'resourceType', 'resource', 'vulnerability', 'package', 'fix', 'exploit'] as const
type CreateOptions = ServerOptions & { output?: Format; reason: string; text?: string; criteria?: string; dryRun?: boolean } & Partial<
    Record<(typeof repeatable)[number], string[]>
  >

export const define: Define = (command, done) => {
  command.addHelpText('after', examples(['openinspector filters list']))
  defineList(command.command('list'), () => done(exit.ok))
  defineCreate(command.command('create <name>'))
  defineDelete(command.command('delete <name>'))
}

function defineList(command: Command, end: () => void): void {
  withFormat(withServer(command))
    .description('list suppression rules and saved searches, and how many findings each rule hides now')
    .addHelpText('after', examples(['openinspector filters list', 'openinspector filters list -o json']))
    .action(async ({ output, ...server }: ServerOptions & { output?: Format }) => {
      const count = await writeRows(await all(server), columns, formatOf(output))
      say(command, `${count} ${count === 1 ? 'filter' : 'filters'}`)
      end()
    })
}

function defineCreate(command: Command): void {
  const collect = (value: string, before: string[] = []) => [...before, ...value.split(',')]
  withFormat(withServer(command), ['json'])
    .description('make a suppression rule; present and later findings that match are hidden')
    .requiredOption('--reason <text>', 'why they may be hidden', (value) => {
      if (value.trim() === '') throw new InvalidArgumentError('Expected a reason.')
      return value
    })
    .option('--severity <severity>', 'CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL or UNTRIAGED', collect)
    .option('--resource-type <type>', 'OPENINSPECTOR_HOST, AWS_EC2_INSTANCE ...', collect)
    .option('--resource <id>', 'resource id, as `coverage list` shows it', collect)
    .option('--vulnerability <id>', 'CVE or other id; a trailing * means prefix', collect)
    .option('--package <name>', 'package name; a trailing * means prefix', collect)
    .option('--fix <state>', 'YES, NO or PARTIAL', collect)
    .option('--exploit <state>', 'YES or NO', collect)
    .option('--text <prefix>', 'prefix of a title, vulnerability or package name')
    .option('--criteria <json>', "Inspector's FilterCriteria as JSON")
    .option('--dry-run', 'say what it would hide, and make nothing')
    .addHelpText(
      'after',
      examples([
        'openinspector filters create no-parser --package acme-parser --reason "only the build uses it" --dry-run',
        'openinspector filters create low-unfixed --severity LOW --fix NO --reason "reviewed each quarter"',
      ]),
    )
    .action(async (name: string, { output, reason, dryRun, text, criteria, ...options }: CreateOptions) => {
      const client = await connect(options)
      const given = { ...Object.fromEntries(repeatable.map((each) => [each, options[each]])), text, criteria }
      const preview = await client.send<FilterPreview>('POST', '/filters/preview', { query: given })
      say(
        command,
        `Hides findings where ${preview.sentence}: ${counted(preview.active)} active, ${counted(preview.suppressed)} hidden already`,
      )
      if (dryRun === true) {
        if (output === 'json') await write(`${JSON.stringify(preview)}\n`)
        return
      }
      const made = await client.send<FilterItem>('POST', '/filters', { name, action: 'SUPPRESS', reason, criteria: preview.criteria })
      if (output === 'json') await write(`${JSON.stringify(made)}\n`)
      else say(command, `Made ${made.name}`)
    })
}

function defineDelete(command: Command): void {
  withServer(command)
    .description('delete a filter by its name or ARN; what only it hid becomes active again')
    .addHelpText('after', examples(['openinspector filters delete no-parser']))
    .action(async (name: string, server: ServerOptions) => {
      const found = (await all(server)).filter((filter) => filter.name === name || filter.arn === name)
      const [filter, ...others] = found
      if (filter === undefined)
        throw new AppError('missing', `There is no filter ${name}.`, { details: { next: 'openinspector filters list' } })
      if (others.length > 0)
        throw new AppError(
          'conflict',
          `${found.length} filters have the name ${name}: ${found.map(({ arn }) => arn).join(', ')}. Give the ARN of one.`,
        )
      await (await connect(server)).send('DELETE', `/filters/${encodeURIComponent(filter.arn)}`)
      say(
        command,
        `Deleted ${filter.name}${filter.action === 'SUPPRESS' ? `, which hid ${counted(filter.hides)} ${filter.hides === 1 ? 'finding' : 'findings'}` : ''}`,
      )
    })
}

/** A filter of another Region may have the same name, so all are looked at. */
async function all(server: ServerOptions): Promise<readonly FilterItem[]> {
  const client = await connect(server)
  return Array.fromAsync(pages<FilterItem, Filters>((after) => client.get('/filters', { limit: 100, after })))
}

const counted = (count: number | undefined): string => (count === undefined ? 'more than are counted' : String(count))
const columns: readonly Column<FilterItem>[] = [
  { head: 'NAME', width: 24, value: ({ name }) => name },
  { head: 'ACTION', width: 8, value: ({ action }) => action },
  { head: 'HIDES', width: 8, value: ({ action, hides }) => (action === 'NONE' ? '-' : counted(hides)) },
  { head: 'FINDINGS WHERE', width: 50, value: ({ sentence }) => sentence },
  { head: 'REASON', width: 30, value: ({ reason = '' }) => reason },
  { head: 'REGION', width: 10, value: ({ region }) => region },
  { head: 'CHANGED', width: 12, value: ({ updatedAt }) => ago(updatedAt) },
]
