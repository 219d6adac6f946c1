import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractTree } from '../src/core/extraction/index.ts'
import { folderTree } from '../src/kit/folder-tree.ts'
import { java } from '../src/plugins/ecosystems/java/index.ts'
import { benchInputs, cpuOf, machine, median, ratio } from './measure.ts'

const runs = 5
const launcher = join(import.meta.dirname, '..', 'bin', 'openinspector.mjs')

/**
 * 737 Java archives: the CPU time of listing what they are, each way without its own start (the same on an empty folder). Trivy beside
 * it where `OI_TRIVY` names one; it needs a Java database to begin, in `OI_TRIVY_CACHE`, and an empty one will do.
 */
export async function run(): Promise<void> {
  const folder = join(benchInputs(), 'java-dir')
  const empty = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  try {
    console.log(machine())
    const ours = netOf((path) => [process.execPath, launcher, 'sbom', `dir:${path}`], folder, empty)
    const packages = purlsIn(ours.output)
    console.log(`openinspector sbom: ${ours.seconds.toFixed(2)} s CPU net of its start, ${packages.size} packages`)
    console.log(
      `the same without process and start, first and later: ${(await inProcess(folder)).map((one) => one.toFixed(2)).join(', ')} s CPU`,
    )
    const { OI_TRIVY: trivy, OI_TRIVY_CACHE: cache } = process.env
    if (trivy === undefined || cache === undefined) return console.log('trivy: set OI_TRIVY and OI_TRIVY_CACHE')
    const offline = ['--offline-scan', '--skip-db-update', '--skip-java-db-update', '--format', 'cyclonedx']
    const theirs = netOf((path) => [trivy, 'rootfs', '--cache-dir', cache, ...offline, path], folder, empty)
    const missed = [...purlsIn(theirs.output)].filter((purl) => !packages.has(purl))
    console.log(`trivy: ${theirs.seconds.toFixed(2)} s CPU net of its start; ratio ${ratio(ours.seconds, theirs.seconds)}`)
    console.log(`it lists ${purlsIn(theirs.output).size} packages, of which not in our list: ${missed.length} ${missed.join(' ')}`)
  } finally {
    rmSync(empty, { recursive: true })
  }
}

function netOf(command: (path: string) => readonly string[], folder: string, empty: string) {
  const measured = (path: string) => {
    const [program = '', ...args] = command(path)
    return cpuOf(program, args)
  }
  const { output } = measured(folder)
  const start = median(runs, () => measured(empty).seconds)
  return { seconds: median(runs, () => measured(folder).seconds) - start, output }
}

function purlsIn(document: string): ReadonlySet<string> {
  const { components = [] }: { readonly components?: readonly { readonly purl?: string }[] } = JSON.parse(document)
  return new Set(components.flatMap(({ purl }) => purl?.split('?', 1) ?? []))
}

async function inProcess(folder: string): Promise<readonly number[]> {
  const seconds: number[] = []
  for (let i = 0; i < 3; i++) {
    const begun = process.cpuUsage()
    await extractTree(await folderTree(folder, { links: 'inside' }), java.extractors)
    const { user, system } = process.cpuUsage(begun)
    seconds.push((user + system) / 1e6)
  }
  return seconds
}
