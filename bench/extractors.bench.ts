import { limits } from '../src/kit/limits.ts'
import { fileInMemory } from '../src/kit/scan-file.ts'
import type { Extracted, Extractor } from '../src/model/seams.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { samples, type Sample } from '../test/samples.ts'
import { grown } from './grown.ts'
import { machine } from './measure.ts'

const sizes = [10, 100, 1_000]
const runs = 3
/** A step of ten times the packages that takes more than this often ten times the time is no straight line. */
const BENT = 2

/** How fast each extractor is, on its own sample with ten, a hundred and a thousand times the packages; `UNIT` alone, where it is given. */
export async function run(args: readonly string[]): Promise<void> {
  console.log(machine())
  console.log('| extractor | MB | packages | MB/s | packages/s | 10 x to 100 x | 100 x to 1,000 x |')
  console.log('|---|---:|---:|---:|---:|---:|---:|')
  const all = samples()
  const bent: string[] = []
  const single: string[] = []
  for (const { id: unit, extractors } of ecosystems) {
    for (const extractor of extractors) {
      if (args.length > 0 && !args.includes(unit) && !args.includes(extractor.id)) continue
      const own = all.filter((one) => one.unit === unit && extractor.wants({ path: one.path, size: one.content.length, mode: one.mode }))
      const row = await firstOf(extractor, own)
      if (row === undefined) single.push(extractor.id)
      else {
        console.log(row.line)
        if (row.bent) bent.push(extractor.id)
      }
    }
  }
  console.log(`\none package a file, or of a kind that is not grown here: ${single.join(', ')}`)
  console.log(
    bent.length === 0
      ? `no step takes more than ${BENT} times its share`
      : `steps of more than ${BENT} times their share: ${bent.join(', ')}`,
  )
}

/** Of the largest sample that can be made larger. */
async function firstOf(extractor: Extractor, own: readonly Sample[]): Promise<Row | undefined> {
  for (const sample of own.toSorted((a, b) => b.content.length - a.content.length)) {
    const row = await rowOf(extractor, sample).catch(() => undefined)
    if (row !== undefined) return row
  }
  return undefined
}

type Row = { readonly line: string; readonly bent: boolean }
type Held = { readonly names: readonly string[]; readonly count: number }
/** Packages, or the files of one. */
const countOf = ({ occurrences, owned = [] }: Extracted): number =>
  occurrences.length + owned.reduce((sum, { paths }) => sum + paths.length, 0)
type Measured = { readonly bytes: number; readonly packages: number; readonly seconds: number }

async function rowOf(extractor: Extractor, sample: Sample): Promise<Row | undefined> {
  const first = await read(extractor, sample)
  const held: Held = { names: first.occurrences.map(({ component }) => component.name), count: countOf(first) }
  const measured: Measured[] = []
  for (const size of sizes) {
    const one = await measuredAt(extractor, sample, held, size)
    if (one === undefined) return undefined
    measured.push(one)
  }
  const steps = measured.slice(1).map((one, at) => share(one, measured[at]!))
  const { bytes, packages, seconds } = measured.at(-1)!
  const number = (value: number) => Math.round(value).toLocaleString('en')
  const cells = [(bytes / 1e6).toFixed(1), number(packages), (bytes / 1e6 / seconds).toFixed(1), number(packages / seconds)]
  const line = `| ${[`\`${extractor.id}\``, ...cells, ...steps.map((step) => `${step.toFixed(2)} x`)].join(' | ')} |`
  if (steps.at(-1)! <= BENT) return { line, bent: false }
  // Caches and the collector cost once what is too large for them; what is bent goes on bending.
  const next = await measuredAt(extractor, sample, held, sizes.at(-1)! * 10)
  return { line, bent: next === undefined || share(next, measured.at(-1)!) > BENT }
}

/** Time for each byte, beside that of the smaller file. */
const share = (large: Measured, small: Measured): number => large.seconds / large.bytes / (small.seconds / small.bytes)

async function measuredAt(extractor: Extractor, sample: Sample, { names, count }: Held, size: number): Promise<Measured | undefined> {
  const content = grown(sample.path, sample.content, names, size)
  if (content === undefined) return undefined
  const { packages, seconds } = await timed(extractor, { ...sample, content })
  // It does not hold more because it is longer.
  return packages === 0 || packages < (count * size) / 4 ? undefined : { bytes: content.length, packages, seconds }
}

const read = (extractor: Extractor, { path, content, mode }: Sample) =>
  extractor.read(fileInMemory({ path, size: content.length, mode }, content, limits.fileBytes), { open: async () => undefined })

/** The quickest of some runs; small files are read often enough to be measured. */
async function timed(extractor: Extractor, sample: Sample) {
  const times = Math.max(1, Math.ceil(200_000 / sample.content.length))
  let seconds = Number.POSITIVE_INFINITY
  let packages = 0
  for (let one = 0; one < runs; one++) {
    const begun = process.cpuUsage()
    for (let again = 0; again < times; again++) packages = countOf(await read(extractor, sample))
    const { user, system } = process.cpuUsage(begun)
    seconds = Math.min(seconds, (user + system) / 1e6 / times)
  }
  return { packages, seconds }
}
