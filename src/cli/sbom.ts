import { writeFile } from 'node:fs/promises'
import { untilInterrupted } from '../kit/interruption.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { write } from './output.ts'
import { progress } from './progress.ts'
import { type LocalOptions, scanOptions, withTarget } from './scan.ts'
import { say } from './words.ts'

export const define: Define = (command, done) => {
  withTarget(command)
    .option('--file <path>', 'write there instead of to stdout')
    .addHelpText('after', examples(['openinspector sbom dir:. > bom.json', 'openinspector sbom image:shop.tar --file shop.cdx.json']))
    .action(async (target: string, options: LocalOptions & { readonly file?: string }) => {
      const shown = progress(command)
      const { sbomOf } = await import('../app/standalone.ts')
      const listing = untilInterrupted((signal) => sbomOf(target, scanOptions(options, shown.say, signal)))
      const { text, gaps } = await listing.finally(shown.end)
      if (options.file === undefined) await write(text)
      else await writeFile(options.file, text)
      for (const { path, reason } of gaps.slice(0, 5)) say(command, `gap: ${path === '' ? '' : `${path}: `}${reason}`)
      if (gaps.length > 5) say(command, `and ${gaps.length - 5} more gaps`)
      done(gaps.length === 0 ? exit.ok : exit.incomplete)
    })
}
