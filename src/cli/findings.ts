import type { Command } from 'commander'
import type { Finding, FindingsPage, Summary } from '../app/contract.ts'
import { connect, pages, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, countOf, type Format, formatOf, plain, severityWord, withFormat, write, writeRows } from './output.ts'
import { doubt, notCovered, say } from './words.ts'

type ListOptions = ServerOptions & { output?: Format; limit?: number } & Record<(typeof repeatable)[number], string[] | undefined> & {
    text?: string
    criteria?: string
    sort?: string
    order?: string
  }

const repeatable = ['status', 'severity', 'resourceType', 'resource', 'vulnerability', 'package', 'fix', 'exploit'] as const

export const define: Define = (command, done) => {
  command.addHelpText(
    'after',
    examples(['openinspector findings list --severity CRITICAL', 'openinspector findings get 0123456789abcdef0123456789abcdef']),
  )
  defineList(command.command('list'), (incomplete) => done(incomplete ? exit.incomplete : exit.ok))
  defineGet(command.command('get <id>'))
}

function defineList(command: Command, end: (incomplete: boolean) => void): void {
  const collect = (value: string, before: string[] = []) => [...before, ...value.split(',')]
  withFormat(withServer(command))
    .description('list findings, the worst first')
    .option('--status <status>', 'ACTIVE, SUPPRESSED or CLOSED; ACTIVE when absent', collect)
    .option('--severity <severity>', 'CRITICAL, HIGH, MEDIUM, LOW, INFORMATIONAL or UNTRIAGED', collect)
    .option('--resource-type <type>', 'OPENINSPECTOR_HOST, AWS_EC2_INSTANCE ...', collect)
    .option('--resource <id>', 'resource id, as `coverage list` shows it', collect)
    .option('--vulnerability <id>', 'CVE or other id; a trailing * means prefix', collect)
    .option('--package <name>', 'package name; a trailing * means prefix', collect)
    .option('--fix <state>', 'YES, NO or PARTIAL', collect)
    .option('--exploit <state>', 'YES or NO', collect)
    .option('--text <prefix>', 'prefix of a title, vulnerability or package name')
    .option('--criteria <json>', "Inspector's FilterCriteria as JSON")
    .option('--sort <key>', 'severity, score, status, firstObservedAt, lastObservedAt, vulnerability, epss, resource or type')
    .option('--order <order>', 'asc or desc')
    .option('--limit <count>', 'at most so many', countOf)
    .addHelpText(
      'after',
      examples([
        'openinspector findings list --severity CRITICAL,HIGH --fix YES',
        'openinspector findings list --package openssl -o json',
        'openinspector findings list --exploit YES -o ndjson | head -n 3',
      ]),
    )
    .action(async (options: ListOptions) => {
      const client = await connect(options)
      const limit = options.limit ?? Number.POSITIVE_INFINITY
      const { text, criteria, sort, order } = options
      const query = { ...Object.fromEntries(repeatable.map((name) => [name, options[name]])), text, criteria, sort, order }
      let words: string | undefined
      let incomplete = false
      const list = pages<Finding, FindingsPage>(
        (after) => client.get('/findings', { status: 'ACTIVE', ...defined(query), limit: Math.min(100, limit), after }),
        (page) => {
          words = doubt(page)
          incomplete = page.knowledge.state !== 'full' || page.evaluating.pending > 0
        },
      )
      const count = await writeRows(first(list, limit), columns, formatOf(options.output))
      say(command, `${count} ${count === 1 ? 'finding' : 'findings'}`)
      if (words !== undefined) say(command, words)
      const unseen = notCovered(await client.get<Summary>('/summary'))
      if (unseen !== undefined) say(command, unseen)
      end(incomplete || unseen !== undefined)
    })
}

function defineGet(command: Command): void {
  withFormat(withServer(command), ['table', 'json'])
    .description('show one finding with its evidence; ID is its ARN or the last part of it')
    .addHelpText('after', examples(['openinspector findings get 0123456789abcdef0123456789abcdef -o json']))
    .action(async (id: string, options: ServerOptions & { output?: Format }) => {
      const client = await connect(options)
      const short = id.split('/').at(-1) ?? id
      const finding = await client.get<Finding>(`/findings/${encodeURIComponent(short)}`)
      if (formatOf(options.output) === 'json') await write(`${JSON.stringify(finding)}\n`)
      else await write(`${sheet(finding)}\n`)
    })
}

const packages = (finding: Finding) => finding.packageVulnerabilityDetails?.vulnerablePackages ?? []
/** Inspector tells a system package's version in parts. */
const wholeVersion = ({ epoch, version, release }: { version: string; epoch?: number | undefined; release?: string | undefined }) =>
  `${epoch ? `${epoch}:` : ''}${version}${release ? `-${release}` : ''}`
const fixes = (finding: Finding) =>
  [...new Set(packages(finding).map(({ fixedInVersion }) => fixedInVersion ?? ''))].filter((fix) => fix !== '')
const columns: readonly Column<Finding>[] = [
  { head: 'SEVERITY', width: 13, value: ({ severity }) => severity, style: severityWord },
  { head: 'SCORE', width: 5, value: ({ inspectorScore }) => inspectorScore?.toFixed(1) ?? '-' },
  { head: 'VULNERABILITY', width: 19, value: ({ packageVulnerabilityDetails: details, title }) => details?.vulnerabilityId ?? title ?? '' },
  {
    head: 'PACKAGES',
    width: 34,
    value: (finding) => [...new Set(packages(finding).map((one) => `${one.name} ${wholeVersion(one)}`))].join(', '),
  },
  { head: 'FIXED IN', width: 22, value: (finding) => fixes(finding).join(', ') || (finding.fixAvailable === 'NO' ? 'no fix' : '-') },
  { head: 'STATUS', width: 10, value: ({ status }) => status },
  { head: 'RESOURCE', width: 30, value: ({ resources }) => resources.map(({ id }) => id).join(', ') },
  { head: 'ID', width: 32, value: ({ id }) => id },
]

function sheet(finding: Finding): string {
  const details = finding.packageVulnerabilityDetails
  const lines: readonly (readonly [string, string])[] = [
    ['Finding', finding.findingArn],
    ['Severity', `${finding.severity}${finding.inspectorScore === undefined ? '' : ` ${finding.inspectorScore.toFixed(1)}`}`],
    ['Status', `${finding.status}, since ${finding.firstObservedAt}`],
    ...finding.resources.map(({ id, type }) => ['Resource', `${id} (${type})`] as const),
    ...packages(finding).map(
      ({ name, fixedInVersion, filePath, ...rest }) =>
        [
          'Package',
          [
            `${name} ${wholeVersion(rest)}`,
            fixedInVersion === undefined ? 'no fixed version known' : `fixed in ${fixedInVersion}`,
            filePath ?? '',
          ]
            .filter(Boolean)
            .join(', '),
        ] as const,
    ),
    ['Exploit', `${finding.exploitAvailable ?? 'unknown'}${finding.epss === undefined ? '' : `, EPSS ${finding.epss.score}`}`],
    ...(details?.sourceUrl === undefined ? [] : [['Source', `${details.source}, ${details.sourceUrl}`] as const]),
    ['Remedy', finding.remediation.recommendation?.text ?? ''],
  ]
  return plainBlock([
    finding.title ?? details?.vulnerabilityId ?? finding.id,
    '',
    ...lines.map(([name, value]) => `${name.padEnd(10)}${value}`),
    '',
    finding.description,
  ])
}

const plainBlock = (lines: readonly string[]) =>
  lines
    .flatMap((line) => line.split('\n'))
    .map(plain)
    .join('\n')

/** Without members that are undefined, so that they do not overwrite what was said before. */
const defined = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))

async function* first<T>(items: AsyncIterable<T>, limit: number): AsyncGenerator<T> {
  let left = limit
  if (left <= 0) return
  for await (const item of items) {
    yield item
    if (--left <= 0) return
  }
}
