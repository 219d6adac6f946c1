import { type Command, Option } from 'commander'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { sbomOf } from '../app/standalone.ts'
import { untilInterrupted } from '../kit/interruption.ts'
import { AppError } from '../model/errors.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit, type ExitCode } from './exit.ts'
import { write } from './output.ts'
import { progress } from './progress.ts'
import { type LocalOptions, scanOptions, targetsOf, withTarget } from './scan.ts'
import { say } from './words.ts'

export const define: Define = (command, done) => {
  withTarget(command)
    .option('--file <path>', 'write there instead of to stdout')
    .addOption(
      new Option('--folder <path>', 'write there, one file for each that the target stands for, by the end of its ARN').conflicts('file'),
    )
    .addHelpText(
      'after',
      examples([
        'openinspector sbom dir:. > bom.json',
        'openinspector sbom image:shop.tar --file shop.cdx.json',
        'openinspector sbom docker: --folder sboms',
      ]),
    )
    .action(async (target: string, options: SbomOptions) => {
      const several = await targetsOf(target, command, options)
      const { file, folder } = options
      if (several === undefined || several.length === 1) {
        const { arn, text, gaps } = await sbom(several?.[0] ?? target, command, options)
        if (folder !== undefined) await writeInto(folder, arn, text)
        else if (file === undefined) await write(text)
        else await writeFile(file, text)
        tellGaps(command, gaps)
        return done(gaps.length === 0 ? exit.ok : exit.incomplete)
      }
      if (folder === undefined)
        throw new AppError('invalid', `${target} stands for ${several.length} targets: give --folder, or name one${offered(several)}`)
      done(await sbomEach(several, folder, command, options))
    })
}

type SbomOptions = LocalOptions & { readonly file?: string; readonly folder?: string }
type Sbom = Awaited<ReturnType<typeof sbomOf>>

async function sbom(target: string, command: Command, options: LocalOptions): Promise<Sbom> {
  const shown = progress(command)
  const standalone = await import('../app/standalone.ts')
  return await untilInterrupted((signal) => standalone.sbomOf(target, scanOptions(options, shown.say, signal))).finally(shown.end)
}

/** What fails with one says nothing of the others. */
async function sbomEach(targets: readonly string[], folder: string, command: Command, options: LocalOptions): Promise<ExitCode> {
  let code: ExitCode = exit.ok
  for (const target of targets)
    try {
      const { arn, text, gaps } = await sbom(target, command, options)
      say(command, `${target}: ${await writeInto(folder, arn, text)}`)
      tellGaps(command, gaps)
      if (gaps.length > 0) code = exit.incomplete
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown
      say(command, `${target}: ${thrown.message}`)
      code = exit.incomplete
    }
  return code
}

/** `sha256-<hex>.cdx.json` for an image: by the last two parts of its ARN. The path written to. */
async function writeInto(folder: string, arn: string, text: string): Promise<string> {
  const name = arn
    .split(/[:/]/)
    .slice(-2)
    .join('-')
    .replaceAll(/[^\w.-]/g, '_')
  const path = join(folder, `${name}.cdx.json`)
  await mkdir(folder, { recursive: true })
  await writeFile(path, text)
  return path
}

function tellGaps(command: Command, gaps: Sbom['gaps']): void {
  for (const { path, reason } of gaps.slice(0, 5)) say(command, `gap: ${path === '' ? '' : `${path}: `}${reason}`)
  if (gaps.length > 5) say(command, `and ${gaps.length - 5} more gaps`)
}

const offered = (targets: readonly string[]): string =>
  targets.length === 0 ? '' : ` of ${targets.slice(0, 5).join(', ')}${targets.length > 5 ? ' ...' : ''}`
