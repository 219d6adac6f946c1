import { Command, CommanderError } from 'commander'
import { Interrupted } from '../kit/interruption.ts'
import { AppError } from '../model/errors.ts'
import { version } from '../app/version.ts'
import { examples } from './examples.ts'
import type { Define } from './define.ts'
import { exit, exitOf, type ExitCode, isRefused } from './exit.ts'

/** Every command; its file is loaded only when it runs, so that help needs none of them. */
const commands: readonly { readonly name: string; readonly summary: string; readonly load: () => Promise<{ readonly define: Define }> }[] =
  [
    { name: 'serve', summary: 'watch this machine and answer: API, console and worker in one process', load: () => import('./serve.ts') },
    { name: 'scan', summary: 'judge a host, directory, image or SBOM, without a server', load: () => import('./scan.ts') },
    { name: 'sbom', summary: 'list the components of a target as CycloneDX or SPDX', load: () => import('./sbom.ts') },
    { name: 'findings', summary: 'list findings, show one', load: () => import('./findings.ts') },
    { name: 'coverage', summary: 'list resources and whether they are covered', load: () => import('./coverage.ts') },
    { name: 'resources', summary: 'add, remove or look again at a watched target', load: () => import('./resources.ts') },
    { name: 'filters', summary: 'list, make and delete suppression rules', load: () => import('./filters.ts') },
    { name: 'agent', summary: 'report this host to a server elsewhere', load: () => import('./agent.ts') },
    { name: 'agents', summary: 'let hosts enrol, list and revoke their agents', load: () => import('./agents.ts') },
    { name: 'feeds', summary: 'load advisories, show how old they are', load: () => import('./feeds.ts') },
    { name: 'verify', summary: 'recompute everything from stored inputs and print the difference', load: () => import('./verify.ts') },
    { name: 'credentials', summary: 'show what `aws configure` needs', load: () => import('./credentials.ts') },
    { name: 'migrate-store', summary: 'copy the embedded store to a PostgreSQL server', load: () => import('./migrate-store.ts') },
    { name: 'versions', summary: 'compare versions as their ecosystem does', load: () => import('./versions.ts') },
    { name: 'cvss', summary: 'scores of a CVSS vector', load: () => import('./cvss.ts') },
  ]

/** Runs one command line (without `node` and the program) and answers with the exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exit.ok
  if (args.includes('--no-color')) process.env['NO_COLOR'] = '1'
  const program = new Command('openinspector')
    .description('Which weakness, on which resource of ours, matters now.')
    .version(version, '-V, --version', 'print the version')
    .option('-q, --quiet', 'no words on stderr but errors')
    .option('--no-color', 'no colours; NO_COLOR does the same')
    .enablePositionalOptions()
    .showHelpAfterError('Run with --help for usage.')
    .exitOverride()
    .addHelpText('after', examples(['openinspector scan host', 'openinspector serve', 'openinspector findings list -o json']))
  const asked = args.find((arg) => !arg.startsWith('-'))
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary).helpOption('-h, --help', 'show help')
    if (name === asked || (asked === 'help' && args.includes(name))) (await load()).define(command, (answer) => (code = answer))
    for (const each of [command, ...command.commands]) inherit(each)
  }
  if (args.length === 0) {
    program.outputHelp()
    return exit.ok
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage
    process.stderr.write(explain(error))
    return exitOf(error)
  }
}

/** Options that may stand after the command too. */
function inherit(command: Command): void {
  command.exitOverride().option('-q, --quiet', 'no words on stderr but errors').option('--no-color', 'no colours')
}

/** What happened, and what to run next where that is known. */
function explain(error: unknown): string {
  if (error instanceof Interrupted) return `openinspector: ${error.message}\n`
  if (isRefused(error)) return `openinspector: ${error.message}\n`
  if (!(error instanceof AppError))
    return `openinspector: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
  const next = error.details['next']
  return `openinspector: ${error.message}\n${typeof next === 'string' ? `Next: ${next}\n` : ''}`
}
