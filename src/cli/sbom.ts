import { type Command, Option } from 'commander'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { sbomOf } from '../app/standalone.ts'
import { untilInterrupted } from '../kit/interruption.ts'
import { AppError } from '../model/errors.ts'
import { type SbomFormat, sbomFormats, usualSbomFormat } from '../model/sbom.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit, type ExitCode } from './exit.ts'
import { write } from './output.ts'
import { progress } from './progress.ts'
import { type LocalOptions, scanOptions, targetsOf, withTarget } from './scan.ts'
import { say } from './words.ts'

export const define: Define = (command, done) => {
  withTarget(command)
    .addOption(new Option('--format <format>', 'JSON of this format').choices(sbomFormats).default(usualSbomFormat))
    .option(
      '--created <time>',
      'time that the document bears; $SOURCE_DATE_EPOCH, else now. The same content of the same time are the same bytes',
    )
    .option('--file <path>', 'write there instead of to stdout')
    .addOption(
      new Option('--folder <path>', 'write there, one file for each that the target stands for, by the end of its ARN').conflicts('file'),
    )
    .addHelpText(
      'after',
      `\nExit code 3 when something could not be read; the document tells what.\n${examples([
        'openinspector sbom dir:. > bom.json',
        'openinspector sbom image:shop.tar --format spdx-2.3 --file shop.spdx.json',
        'openinspector sbom sbom:theirs.spdx --format cyclonedx-1.7',
        'openinspector sbom docker: --folder sboms',
      ])}`,
    )
    .action(async (target: string, given: SbomOptions) => {
      const options = { ...given, created: createdAt(given.created, process.env['SOURCE_DATE_EPOCH']) }
      const several = await targetsOf(target, command, options)
      const { file, folder } = options
      if (several === undefined || several.length === 1) {
        const { arn, text, gaps } = await sbom(several?.[0] ?? target, command, options)
        if (folder !== undefined) await writeInto(folder, { arn, text, format: options.format })
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

type SbomOptions = LocalOptions & {
  readonly format: SbomFormat
  readonly created?: string
  readonly file?: string
  readonly folder?: string
}
type Listing = LocalOptions & { readonly format: SbomFormat; readonly created: string }
type Sbom = Awaited<ReturnType<typeof sbomOf>>

async function sbom(target: string, command: Command, options: Listing): Promise<Sbom> {
  const shown = progress(command)
  const standalone = await import('../app/standalone.ts')
  return await untilInterrupted((signal) =>
    standalone.sbomOf(target, { ...scanOptions(options, shown.say, signal), format: options.format, at: options.created }),
  ).finally(shown.end)
}

/** What fails with one says nothing of the others. */
async function sbomEach(targets: readonly string[], folder: string, command: Command, options: Listing): Promise<ExitCode> {
  let code: ExitCode = exit.ok
  for (const target of targets)
    try {
      const { arn, text, gaps } = await sbom(target, command, options)
      say(command, `${target}: ${await writeInto(folder, { arn, text, format: options.format })}`)
      tellGaps(command, gaps)
      if (gaps.length > 0) code = exit.incomplete
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown
      say(command, `${target}: ${thrown.message}`)
      code = exit.incomplete
    }
  return code
}

/** An ISO time, to the second. SOURCE_DATE_EPOCH is in seconds (its specification at reproducible-builds.org). */
function createdAt(told: string | undefined, epoch: string | undefined): string {
  const time = new Date(told ?? (epoch === undefined || epoch === '' ? Date.now() : Number(epoch) * 1000))
  if (!Number.isNaN(time.getTime())) return `${time.toISOString().slice(0, 19)}Z`
  if (told === undefined) throw new AppError('invalid', `SOURCE_DATE_EPOCH is ${epoch}: expected seconds since 1970`)
  throw new AppError('invalid', `--created ${told}: expected an ISO time, as 2026-01-31T12:00:00Z`)
}

type Written = { readonly arn: string; readonly text: string; readonly format: SbomFormat }

/** `sha256-<hex>.cdx.json`, or `.spdx.json`, for an image: by the last two parts of its ARN. The path written to. */
async function writeInto(folder: string, { arn, text, format }: Written): Promise<string> {
  const name = arn
    .split(/[:/]/)
    .slice(-2)
    .join('-')
    .replaceAll(/[^\w.-]/g, '_')
  const path = join(folder, `${name}.${format.startsWith('spdx') ? 'spdx' : 'cdx'}.json`)
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
