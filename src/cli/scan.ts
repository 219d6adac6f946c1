import type { Command } from 'commander'
import type { ScanFinding, ScanOptions, ScanResult } from '../app/standalone.ts'
import { untilInterrupted } from '../kit/interruption.ts'
import { cacheFolder, dataFolder } from '../app/data-folder.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Column, type Format, formatOf, severityWord, withFormat, write, writeRows } from './output.ts'
import { progress } from './progress.ts'
import { say } from './words.ts'

export type LocalOptions = { readonly feeds?: string; readonly data?: string; readonly cache?: string; readonly output?: Format }

/** Options of commands that read a target on this machine. */
export function withTarget(command: Command): Command {
  return command
    .argument(
      '<target>',
      'host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:NAME, containerd:DIGEST, archive:PATH, lambda:PATH or sbom:PATH',
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
      ])}`,
    )
    .action(async (target: string, options: LocalOptions) => {
      const shown = progress(command)
      const { scanTarget } = await import('../app/standalone.ts')
      const scanning = untilInterrupted((signal) => scanTarget(target, scanOptions(options, shown.say, signal)))
      const result = await scanning.finally(shown.end)
      await print(result, formatOf(options.output))
      summarize(command, result)
      done(result.knowledge.state === 'full' && result.gaps.length === 0 ? exit.ok : exit.incomplete)
    })
}

async function print(result: ScanResult, format: Format): Promise<void> {
  if (format === 'json') await write(`${JSON.stringify(result)}\n`)
  else await writeRows(result.findings, columns, format)
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
  const ended = resource.osEndOfLife
  if (ended !== undefined && ended < new Date().toISOString().slice(0, 10))
    say(
      command,
      `${resource.os ?? 'Its operating system'} got its last security updates on ${ended}: later weaknesses are not fixed, nor told by its advisories`,
    )
  for (const { path, reason } of gaps.slice(0, 5)) say(command, `  gap: ${path === '' ? '' : `${path}: `}${reason}`)
  if (gaps.length > 5) say(command, `  and ${gaps.length - 5} more gaps; -o json lists all`)
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
