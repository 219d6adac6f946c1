import type { Command } from 'commander'
import { AppError } from '../model/errors.ts'
import type { ScanFinding, ScanOptions, ScanResult } from '../app/standalone.ts'
import { untilInterrupted } from '../kit/interruption.ts'
import { cacheFolder, dataFolder } from '../app/data-folder.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit, type ExitCode } from './exit.ts'
import { type Column, type Format, formatOf, severityWord, withFormat, write, writeRows } from './output.ts'
import { progress } from './progress.ts'
import { say } from './words.ts'

export type LocalOptions = { readonly feeds?: string; readonly data?: string; readonly cache?: string; readonly output?: Format }

/** Options of commands that read a target on this machine. */
export function withTarget(command: Command): Command {
  return command
    .argument(
      '<target>',
      'host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:[NAME], containerd:[NAME], archive:PATH, lambda:PATH or sbom:PATH',
    )
    .option('--data <dir>', 'data folder with what `feeds sync` loaded; $OI_DATA, else the default one')
    .option('--cache <dir>', 'folder of what can be made again; $OI_CACHE, else ~/.cache/openinspector')
}

export const scanOptions = ({ feeds, data, cache }: LocalOptions, words: (text: string) => void, signal: AbortSignal): ScanOptions => ({
  account: '000000000000',
  region: 'us-east-1',
  data: dataFolder(data),
  cache: cacheFolder(cache),
  say: words,
  signal,
  ...(feeds === undefined ? {} : { feeds }),
})

export const define: Define = (command, done) => {
  withFormat(withTarget(command))
    .option('--feeds <where>', 'folder or URL of a mirror of the feeds, loaded when it has news; without it, what `feeds sync` loaded')
    .addHelpText(
      'after',
      `\nExit code 0 also with findings; 3 when feeds are stale or something could not be read.\n${examples([
        'openinspector scan host',
        'openinspector scan dir:. -o json | jq .findings',
        'openinspector scan image:shop.tar --feeds /srv/mirror',
        'openinspector scan registry:alpine:3.20',
        'openinspector scan registry:alpine:3.20?platform=all',
      ])}`,
    )
    .action(async (target: string, options: LocalOptions) => {
      const several = await targetsOf(target, command, options)
      if (several !== undefined) return done(await scanEach(target, several, command, options))
      const result = await scan(target, command, options)
      const format = formatOf(options.output)
      if (format === 'json') await write(`${JSON.stringify(result)}\n`)
      else await writeRows(result.findings, columns, format)
      summarize(command, result)
      done(isWhole(result) ? exit.ok : exit.incomplete)
    })
}

/** The targets of one that stands for several; undefined: it stands for itself. */
export async function targetsOf(target: string, command: Command, options: LocalOptions): Promise<readonly string[] | undefined> {
  const shown = progress(command)
  const standalone = await import('../app/standalone.ts')
  return await untilInterrupted((signal) => standalone.targetsOf(target, scanOptions(options, shown.say, signal))).finally(shown.end)
}

async function scan(target: string, command: Command, options: LocalOptions): Promise<ScanResult> {
  const shown = progress(command)
  const { scanTarget } = await import('../app/standalone.ts')
  return await untilInterrupted((signal) => scanTarget(target, scanOptions(options, shown.say, signal))).finally(shown.end)
}

const isWhole = ({ knowledge, gaps }: ScanResult): boolean => knowledge.state === 'full' && gaps.length === 0

type Failed = { readonly target: string; readonly error: { readonly code: string; readonly message: string } }

/** One after the other, each told when it is done. What fails with one says nothing of the others. */
async function scanEach(target: string, targets: readonly string[], command: Command, options: LocalOptions): Promise<ExitCode> {
  let code: ExitCode = exit.ok
  async function* scans(): AsyncIterable<ScanResult | Failed> {
    for (const one of targets) {
      const result = await scan(one, command, options).catch((thrown: unknown) => failedScan(one, thrown))
      if ('error' in result || !isWhole(result)) code = exit.incomplete
      yield result
      if ('error' in result) say(command, `${one}: ${result.error.message}`)
      else summarize(command, result)
    }
  }
  async function* rows(): AsyncIterable<Row> {
    for await (const result of scans())
      if (!('error' in result)) yield* result.findings.map((finding) => ({ target: result.target, resource: result.resource, ...finding }))
  }
  const format = formatOf(options.output)
  if (format === 'json') await writeScans(target, scans())
  else await writeRows(rows(), [{ head: 'RESOURCE', width: 48, value: ({ resource }) => shortOf(resource) }, ...columns], format)
  say(command, `${target}: ${targets.length} targets`)
  return code
}

type Row = ScanFinding & Pick<ScanResult, 'target' | 'resource'>

/** As a person tells images apart: platform, name, the beginning of the digest. */
const shortOf = ({ id, platform = '' }: ScanResult['resource']): string =>
  `${platform} ${id.replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1')}`.trim()

function failedScan(target: string, thrown: unknown): Failed {
  if (!(thrown instanceof AppError)) throw thrown
  return { target, error: { code: thrown.code, message: thrown.message } }
}

/** `{ "target": ..., "scans": [ ... ] }`, as they come. */
async function writeScans(target: string, scans: AsyncIterable<ScanResult | Failed>): Promise<void> {
  let before = `{"target":${JSON.stringify(target)},"scans":[\n`
  for await (const result of scans) {
    await write(before + JSON.stringify(result))
    before = ',\n'
  }
  await write(before.startsWith('{') ? `${before}]}\n` : '\n]}\n')
}

const columns: readonly Column<ScanFinding>[] = [
  { head: 'SEVERITY', width: 13, value: ({ severity }) => severity, style: severityWord },
  { head: 'SCORE', width: 5, value: ({ score }) => score?.toFixed(1) ?? '-' },
  { head: 'VULNERABILITY', width: 20, value: ({ vulnerabilityId }) => vulnerabilityId },
  { head: 'PACKAGE', width: 28, value: (finding) => finding.package },
  { head: 'INSTALLED', width: 24, value: ({ installedVersion }) => installedVersion },
  { head: 'FIXED IN', width: 24, value: ({ fixedVersion }) => fixedVersion ?? 'no fix' },
  { head: 'LOCATION', width: 40, value: ({ location }) => location },
]

function summarize(command: Command, { target, resource, components, findings, gaps, knowledge }: ScanResult): void {
  say(command, `${target}: ${components.length} components, ${findings.length} findings, ${gaps.length} gaps`)
  if (resource.support?.why !== undefined) say(command, resource.support.why)
  for (const { path, reason } of gaps.slice(0, 5)) say(command, `  gap: ${path === '' ? '' : `${path}: `}${reason}`)
  if (gaps.length > 5) say(command, `  and ${gaps.length - 5} more gaps; -o json lists all`)
  const denied = findings.filter(({ vex = [] }) => vex.some(({ state }) => state === 'not_affected' || state === 'fixed'))
  if (denied.length > 0)
    say(
      command,
      `Of ${denied.length} findings ${[...new Set(denied.flatMap(({ vex = [] }) => vex.map(({ source }) => source)))].join(', ')} says that they do not affect it; they are told all the same, and -o json tells why`,
    )
  if (knowledge.state === 'starter')
    say(command, 'Only the starter set was judged: what is not listed is unknown, not safe. Next: openinspector feeds sync')
  if (knowledge.state !== 'stale') return
  const old = knowledge.feeds.filter(({ state }) => state !== 'fresh')
  say(command, `Feeds are stale${old.length === 0 ? ': not every ecosystem found has one' : ''}. Next: openinspector feeds sync`)
  for (const { name, state, loadedAt, publishedAt, error } of old) {
    const content = publishedAt === undefined ? '' : `, content of ${publishedAt.slice(0, 10)}`
    say(command, `  ${name}: ${state}, loaded ${loadedAt ?? 'never'}${content}${error === undefined ? '' : `, ${error}`}`)
  }
}
