import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { openAdvisoryFile } from '../src/core/advisories/index.ts'
import { decide } from '../src/core/matching/index.ts'
import { schemes } from '../src/plugins/schemes/index.ts'
import { sharedPath } from '../test/shared.ts'
import { zipOf } from '../test/zip.ts'
import { benchInputs, cpuOf, machine, median, ratio } from './measure.ts'

type Synthetic = { readonly eco: string; readonly pkg: string; readonly id: string; readonly fixed: string; readonly sev: string }

const runs = 7
const release = 'Debian:12'
const expectedPairs = 2025
const launcher = join(import.meta.dirname, '..', 'bin', 'openinspector.mjs')

/**
 * 943 Debian packages against 44,187 synthetic advisories: the pairs found, and the CPU time of a cold `openinspector scan`
 * beside debsecan's (where installed) and beside the floor script's on the same facts.
 */
export async function run(): Promise<void> {
  const inputs = benchInputs()
  const folder = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  try {
    const advisories = syntheticAdvisories(inputs)
    const status = join(inputs, 'rootfs-big/var/lib/dpkg/status')
    const [root, mirror, cache] = [join(folder, 'root'), join(folder, 'mirror'), join(folder, 'cache')]
    statusOnly(join(inputs, 'rootfs-big'), root)
    osvMirror(mirror, advisories)
    const scan = [launcher, 'scan', `rootfs:${root}`, '--feeds', mirror, '--cache', cache, '--data', join(folder, 'data'), '-o', 'json']
    console.log(machine())
    console.log(`first scan, which loads the advisory file: ${cpuOf(process.execPath, scan).seconds.toFixed(2)} s CPU`)
    const pairs = scannedPairs(cpuOf(process.execPath, scan).output)
    console.log(`pairs of vulnerability and package: ${pairs}, expected ${expectedPairs}`)
    const ours = median(runs, () => cpuOf(process.execPath, scan).seconds)
    console.log(`openinspector scan, cold: ${ours.toFixed(3)} s CPU, median of ${runs}`)
    const floorScript = sharedPath('bench/05-floor.mjs')
    if (floorScript !== undefined) {
      const floor = median(runs, () => cpuOf(process.execPath, [floorScript], inputs).seconds)
      console.log(`floor script: ${floor.toFixed(3)} s CPU; ratio ${ratio(ours, floor)}`)
    }
    const peer = debsecan(folder, advisories, status)
    if (peer === undefined) console.log('debsecan: not installed')
    else console.log(`debsecan: ${peer.seconds.toFixed(3)} s CPU, ${peer.pairs} pairs; ratio ${ratio(ours, peer.seconds)}`)
    functionLevel(join(cache, advisoryFileIn(cache)), status)
    if (pairs !== expectedPairs) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function syntheticAdvisories(inputs: string): readonly Synthetic[] {
  const path = join(inputs, 'adv/adv.jsonl')
  if (!existsSync(path)) {
    const script = sharedPath('bench/02-advisories.mjs')
    if (script === undefined) throw new Error(`expected synthetic advisories at ${path}`)
    mkdirSync(join(inputs, 'adv'), { recursive: true })
    execFileSync(process.execPath, [script], { cwd: inputs, stdio: 'ignore' })
  }
  const all: readonly Synthetic[] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return all.filter(({ eco }) => eco === 'debian')
}

/** debsecan reads the status file and nothing else; the walk over a whole root file system is another bench's. */
function statusOnly(from: string, to: string): void {
  mkdirSync(join(to, 'var/lib/dpkg'), { recursive: true })
  mkdirSync(join(to, 'usr/lib'), { recursive: true })
  mkdirSync(join(to, 'etc'))
  copyFileSync(join(from, 'var/lib/dpkg/status'), join(to, 'var/lib/dpkg/status'))
  copyFileSync(join(from, 'usr/lib/os-release'), join(to, 'etc/os-release'))
  if (existsSync(join(from, 'var/lib/dpkg/info')))
    cpSync(join(from, 'var/lib/dpkg/info'), join(to, 'var/lib/dpkg/info'), { recursive: true })
}

function osvMirror(folder: string, advisories: readonly Synthetic[]): void {
  mkdirSync(join(folder, 'osv/Debian'), { recursive: true })
  const records = advisories.map(({ id, pkg, fixed, sev }) => ({
    name: `${id}.json`,
    content: JSON.stringify({
      id,
      modified: new Date().toISOString(),
      affected: [
        {
          package: { ecosystem: release, name: pkg },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === '' ? [] : [{ fixed }])] }],
          ecosystem_specific: { urgency: sev.toLowerCase() },
        },
      ],
    }),
  }))
  writeFileSync(join(folder, 'osv/Debian/all.zip'), zipOf(records))
}

function advisoryFileIn(cache: string): string {
  const name = execFileSync('ls', [cache], { encoding: 'utf8' })
    .split('\n')
    .find((file) => file.startsWith('advisories-') && file.endsWith('.db'))
  if (name === undefined) throw new Error(`expected an advisory file in ${cache}`)
  return name
}

/** Pairs of vulnerability and binary package, as debsecan counts them too. */
function scannedPairs(output: string): number {
  const { findings }: { readonly findings: readonly { readonly vulnerabilityId: string; readonly package: string }[] } = JSON.parse(output)
  return new Set(findings.map((finding) => `${finding.vulnerabilityId} ${finding.package}`)).size
}

/** Feeds debsecan the same facts in its own format (version 1), from a `file:` source. */
function debsecan(
  folder: string,
  advisories: readonly Synthetic[],
  status: string,
): { readonly seconds: number; readonly pairs: number } | undefined {
  if (!existsSync('/usr/bin/debsecan')) return undefined
  const names = advisories.map(({ id }) => `${id},,synthetic`)
  const packages = advisories.map(({ pkg, fixed }, n) => `${pkg},${n},S  ${fixed === '' ? ' ' : 'F'},${fixed},`)
  const sources = sourcePackages(status)
  const owned = [...Map.groupBy(sources, ({ source }) => source)].map(([source, of]) => `${source},${of.map(({ name }) => name).join(' ')}`)
  writeFileSync(join(folder, 'GENERIC'), deflateSync(['VERSION 1', ...names, '', ...packages, '', ...owned, '', ''].join('\n')))
  const args = ['--source', `file://${folder}/`, '--status', status, '--format', 'summary']
  const lines = cpuOf('/usr/bin/debsecan', args).output.trimEnd().split('\n')
  const pairs = new Set(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).size
  return { seconds: median(runs, () => cpuOf('/usr/bin/debsecan', args).seconds), pairs }
}

type Installed = { readonly name: string; readonly source: string; readonly version: string }

function sourcePackages(status: string): readonly Installed[] {
  return readFileSync(status, 'utf8')
    .split('\n\n')
    .flatMap((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [name, version] = [field('Package'), field('Version')]
      if (name === undefined || version === undefined) return []
      const [, source = name, sourceVersion = version] = /^(\S+)(?: \((.*)\))?$/.exec(field('Source') ?? '') ?? []
      return [{ name, source, version: sourceVersion }]
    })
}

/** The same decisions without a process around them: what opening, looking up and deciding cost. */
function functionLevel(path: string, status: string): void {
  const scheme = schemes.find(({ id }) => id === 'deb')
  if (!scheme) throw new Error('there is no version scheme deb')
  const installed = sourcePackages(status)
  let found = 0
  const milliseconds = median(runs, () => {
    const started = performance.now()
    const file = openAdvisoryFile(path)
    found = 0
    for (const { source, version } of installed)
      for (const { affected } of file.lookup(release, source)) if (decide({ version }, affected, scheme).is === 'affected') found++
    file.close()
    return performance.now() - started
  })
  console.log(
    `in one process: open, look up the source of ${installed.length} packages, decide: ${milliseconds.toFixed(1)} ms wall, ${found} pairs`,
  )
}
