import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { AppError, reasonOf } from '../model/errors.ts'
import { checkVersions, compareVersions } from '../app/versions.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Format, withFormat, write } from './output.ts'
import { say } from './words.ts'

export const define: Define = (command, done) => {
  command.addHelpText('after', examples(['openinspector versions compare deb 1.0~rc1 1.0', 'openinspector versions check npm order.txt']))

  withFormat(command.command('compare <scheme> <a> <b>'), ['json'])
    .description("print <, = or >; SCHEME is a scheme's id (deb, semver) or an OSV ecosystem's name in lower case")
    .addHelpText(
      'after',
      examples(['openinspector versions compare deb 1.0~rc1 1.0', 'openinspector versions compare npm 1.0.0-beta.2 1.0.0-beta.11']),
    )
    .action(async (scheme: string, a: string, b: string, { output }: { output?: Format }) => {
      const order = compareVersions(scheme, a, b)
      await write(output === 'json' ? `${JSON.stringify({ scheme, left: a, right: b, order })}\n` : `${order}\n`)
    })

  withFormat(command.command('check <scheme> <file>'), ['json'])
    .description('read lines `A op B` (op <, <=, =, >=, > or !=), print the wrong ones; # and // begin comments')
    .addHelpText('after', examples(['openinspector versions check deb order.txt']))
    .action(async (scheme: string, file: string, { output }: { output?: Format }, own: Command) => {
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new AppError('missing', `Cannot read ${file}: ${reasonOf(cause)}`, { cause })
      })
      const { checked, wrong } = checkVersions(scheme, text)
      if (output === 'json') await write(`${JSON.stringify({ checked, wrong })}\n`)
      else for (const { line, text: said, why } of wrong) await write(`${file}:${line}: ${said} (${why})\n`)
      say(own, `${checked} checked, ${wrong.length} wrong`)
      done(wrong.length === 0 ? exit.ok : exit.failed)
    })
}
