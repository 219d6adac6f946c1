import type { CoverageItem, CoveragePage } from '../app/contract.ts'
import { connect, pages, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, type Format, formatOf, withFormat, writeRows } from './output.ts'
import { ago, doubt, say } from './words.ts'

type ListOptions = ServerOptions & { output?: Format; status?: string; resourceType?: string; resource?: string }

export const define: Define = (command, done) => {
  command.addHelpText('after', examples(['openinspector coverage list']))
  const list = command.command('list')
  withFormat(withServer(list))
    .description('list resources, whether they are covered, and why not')
    .option('--status <status>', 'ACTIVE or INACTIVE')
    .option('--resource-type <type>', 'OPENINSPECTOR_HOST, AWS_EC2_INSTANCE ...')
    .option('--resource <id>', 'resource id')
    .addHelpText('after', examples(['openinspector coverage list', 'openinspector coverage list --status INACTIVE -o json']))
    .action(async ({ output, status, resourceType, resource, ...server }: ListOptions) => {
      const client = await connect(server)
      let words: string | undefined
      const items = pages<CoverageItem, CoveragePage>(
        (after) => client.get('/coverage', { status, resourceType, resource, limit: 100, after }),
        (page) => (words = doubt(page)),
      )
      const count = await writeRows(items, columns, formatOf(output))
      say(list, `${count} ${count === 1 ? 'resource' : 'resources'}`)
      if (words !== undefined) say(list, words)
      done(exit.ok)
    })
}

const columns: readonly Column<CoverageItem>[] = [
  { head: 'RESOURCE', width: 40, value: ({ resourceId }) => resourceId },
  { head: 'TYPE', width: 30, value: ({ resourceType }) => resourceType },
  { head: 'STATUS', width: 8, value: ({ status }) => status },
  { head: 'REASON', width: 24, value: ({ reason, reasonDetail }) => (reasonDetail === undefined ? reason : `${reason}: ${reasonDetail}`) },
  { head: 'SYSTEM UNTIL', width: 12, value: ({ support }) => (support === undefined ? '-' : untilOf(support)) },
  { head: 'GAPS', width: 5, value: ({ gaps }) => String(gaps) },
  { head: 'SCANNED', width: 12, value: ({ lastScannedAt }) => ago(lastScannedAt) },
]

/** The last day of security updates, marked where it is over. */
function untilOf({ state, until }: NonNullable<CoverageItem['support']>): string {
  if (until === undefined) return state === 'supported' ? 'no end' : 'unknown'
  return state === 'ended' ? `${until} !` : until
}
