import type { VerifyResult } from '../app/contract.ts'
import { connect, withServer, type ServerOptions } from './client.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { type Format, plain, withFormat, write } from './output.ts'
import { counted, say } from './words.ts'

export const define: Define = (command, done) => {
  withFormat(withServer(command), ['json'])
    .addHelpText('after', examples(['openinspector verify', 'openinspector verify -o json | jq .differences']))
    .action(async ({ output, ...server }: ServerOptions & { output?: Format }) => {
      const result = await (await connect(server)).send<VerifyResult>('POST', '/verify')
      if (output === 'json') await write(`${JSON.stringify(result)}\n`)
      else {
        for (const { about, subject, expected, stored } of result.differences) {
          await write(`${plain(`${about}: ${subject}: expected ${JSON.stringify(expected)}, stored ${JSON.stringify(stored)}`)}\n`)
        }
      }
      const checked = Object.entries(result.checked).map(([what, count]) => `${count} ${what}`)
      say(command, `${result.ok ? 'No difference' : `${result.differences.length} differences`} (${checked.join(', ')})`)
      if (!result.ok && result.pending > 0)
        say(command, `${counted(result.pending, 'change')} had yet to reach findings: a difference may be only that. Verify again.`)
      if (result.looks > 0) say(command, `${counted(result.looks, 'look')} due or under way: what they see is not compared yet.`)
      done(result.ok ? exit.ok : exit.failed)
    })
}
