import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { text } from 'node:stream/consumers'
import { agentFolder } from '../app/data-folder.ts'
import { AppError, reasonOf } from '../model/errors.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { say } from './words.ts'

type EnrolOptions = { server: string; tokenFile?: string; ca?: string; plainHttp?: boolean; again?: boolean; data?: string }

export const define: Define = (command, done) => {
  command.addHelpText(
    'after',
    examples([
      'OI_ENROL_TOKEN=oie_... openinspector agent enrol --server https://inspector.example.org',
      'openinspector agent run',
      'HTTPS_PROXY=http://proxy:3128 openinspector agent run --data /var/lib/openinspector-agent',
    ]),
  )

  withFolder(command.command('enrol'))
    .description('exchange an enrolment token for the right to report this host; `openinspector agents token` makes one')
    .requiredOption('--server <url>', 'https://HOST of the server; http:// only for this machine')
    .option('--token-file <path>', 'file with the token, - for standard input; $OI_ENROL_TOKEN when absent')
    .option('--ca <path>', 'file with certificates (PEM) to trust beside the usual ones')
    .option('--plain-http', 'allow http:// to another machine: only where the way there is safe')
    .option('--again', 'also where this host is enrolled already; the agent it had must be revoked first')
    .addHelpText(
      'after',
      examples([
        'openinspector agent enrol --server https://inspector.example.org --token-file /run/secrets/enrol',
        'openinspector agent enrol --server https://10.0.0.5:7480 --ca /etc/ssl/our-ca.pem --token-file -',
      ]),
    )
    .action(async ({ server, tokenFile, ca, plainHttp, again, data }: EnrolOptions, own: Command) => {
      const { enrolHost } = await import('../app/agent/enrol.ts')
      const token = await tokenFrom(tokenFile)
      const asked = { folder: agentFolder(data), server, token, ca, plain: plainHttp === true, again: again === true }
      const { agent, arn } = await enrolHost(asked)
      say(own, `Enrolled as agent ${agent}, for ${arn}\nNext: openinspector agent run`)
    })

  withFolder(command.command('run'))
    .description('look at this host and tell the server what changed, until SIGTERM')
    .option('--root <dir>', "where the host's root is mounted, for an agent in a container")
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'info')
    .addHelpText(
      'after',
      `\nWithout root it cannot see what other users run, and says so. Exit code 4: the server wants nothing more of this agent.\n${examples(
        ['openinspector agent run', 'openinspector agent run --data /var/lib/openinspector-agent --log-level warn'],
      )}`,
    )
    .action(async ({ data, root, logLevel }: { data?: string; root?: string; logLevel: string }, own: Command) => {
      const { reportUntilAsked } = await import('../app/agent/index.ts')
      const quiet = own.optsWithGlobals()['quiet'] === true
      const where = { folder: agentFolder(data), ...(root !== undefined && { root }) }
      await reportUntilAsked(where, { level: quiet ? 'warn' : logLevel, say: (words) => say(own, words) })
      done(exit.ok)
    })
}

const withFolder = (command: Command): Command =>
  command.option(
    '--data <dir>',
    'folder with its credential and what it has yet to tell; $OI_AGENT_DATA, else ~/.local/share/openinspector-agent',
  )

async function tokenFrom(file: string | undefined): Promise<string> {
  if (file === undefined) {
    const token = process.env['OI_ENROL_TOKEN']
    if (token) return token.trim()
    throw new AppError('invalid', 'An enrolment token is needed: --token-file PATH, or $OI_ENROL_TOKEN.', {
      details: { next: 'openinspector agents token, on a machine that may' },
    })
  }
  const read = file === '-' ? text(process.stdin) : readFile(file, 'utf8')
  return (
    await read.catch((cause: unknown) => {
      throw new AppError('missing', `Cannot read the token in ${file}: ${reasonOf(cause)}`, { cause })
    })
  ).trim()
}
