import { scoreVector } from '../app/cvss.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { type Format, withFormat, write } from './output.ts'

export const define: Define = (command) => {
  withFormat(command.argument('<vector>', 'CVSS 2.0, 3.0, 3.1 or 4.0'), ['json'])
    .addHelpText(
      'after',
      examples([
        'openinspector cvss CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        'openinspector cvss AV:N/AC:L/Au:N/C:P/I:P/A:P -o json',
      ]),
    )
    .action(async (vector: string, { output }: { output?: Format }) => {
      const { version, baseScore, temporalScore, environmentalScore } = scoreVector(vector)
      if (output === 'json') return write(`${JSON.stringify({ version, baseScore, temporalScore, environmentalScore })}\n`)
      const lines = [
        ['Base', baseScore],
        ['Temporal', temporalScore],
        ['Environmental', environmentalScore],
      ] as const
      const known = lines.flatMap(([name, score]) => (score === undefined ? [] : [`${name.padEnd(14)}${score.toFixed(1)}\n`]))
      return write(known.join(''))
    })
}
