import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sha256, tarOf } from '../test/archives.ts'
import { benchInputs, cpuOf, machine, peakOf, ratio } from './measure.ts'

type Cost = { readonly cpu: number; readonly wall: number }
type Name = 'floor' | 'cold' | 'again' | 'moved' | 'same base' | 'archive' | 'archive again'

const launcher = join(import.meta.dirname, '..', 'bin', 'openinspector.mjs')
const floor = join(import.meta.dirname, 'image-floor.mjs')

/**
 * `openinspector sbom` of an OCI image of 943 Debian packages, gzip, 1.8 GB uncompressed: for the first time, again, from another
 * folder with the same blobs, and then of another image on the same base in that folder; beside the floor (gunzip and two SHA-256 in
 * Node). Whole processes, medians; the runs take turns, so that a machine that is busy for a while is busy for all of them. Argument:
 * number of turns, default 5.
 */
export async function run([turns = '5']: readonly string[] = []): Promise<void> {
  const layout = join(benchInputs(), 'img/oci-big')
  const archive = join(benchInputs(), 'img/big.docker.tar')
  if (!existsSync(layout)) throw new Error(`expected an OCI layout at ${layout}`)
  const folder = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  const costs = new Map<Name, Cost[]>()
  const found = new Set<string>()
  const time = (name: Name, args: readonly string[]) => {
    const start = performance.now()
    const { seconds, output } = cpuOf(process.execPath, args)
    costs.set(name, [...(costs.get(name) ?? []), { cpu: seconds, wall: (performance.now() - start) / 1000 }])
    if (output !== '') found.add(`${name}: ${countsIn(output)}`)
  }
  try {
    const moved = join(folder, 'moved')
    cpSync(layout, moved, { recursive: true })
    const holdsBase = await derivedIn(moved)
    for (let turn = 0; turn < Number(turns); turn++) {
      const sbom = (image: string, cache: string) => [launcher, 'sbom', `image:${image}`, '--cache', join(folder, `${cache}-${turn}`)]
      time('floor', [floor, layout])
      time('cold', sbom(layout, 'cache'))
      time('again', sbom(layout, 'cache'))
      holdsBase(true)
      time('moved', sbom(moved, 'cache'))
      holdsBase(false)
      time('same base', sbom(moved, 'cache'))
      time('archive', sbom(archive, 'archive'))
      time('archive again', sbom(archive, 'archive'))
    }
    console.log(machine())
    console.log([...found].join('\n'))
    tell(costs, 'floor', 'floor')
    tell(costs, 'cold', 'floor', 'bar 1.3, then 1.2')
    tell(costs, 'again', 'cold', 'bar 0.05')
    tell(costs, 'moved', 'cold', 'the same blobs in another folder')
    tell(costs, 'same base', 'cold', 'bar 0.1')
    tell(costs, 'archive', 'floor', 'docker archive, nothing to inflate')
    tell(costs, 'archive again', 'archive', 'bar 0.05')
    const peak = await peakOf(process.execPath, [launcher, 'sbom', `image:${layout}`, '--cache', join(folder, 'memory')])
    console.log(`memory of a cold run, both processes: ${Math.round(peak)} MB at most; bar 300`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Puts another image on the same base beside the one of a layout, and gives what lets the layout hold the one or the other. */
async function derivedIn(layout: string): Promise<(base: boolean) => void> {
  const blobPath = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'))
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const put = (bytes: Uint8Array) => {
    const digest = sha256(bytes)
    writeFileSync(blobPath(digest), bytes)
    return { digest, size: bytes.length }
  }
  const path = join(layout, 'index.json')
  const base = readFileSync(path)
  const index = json(path)
  const manifest = json(blobPath(index.manifests[0].digest))
  const config = json(blobPath(manifest.config.digest))
  const layer = await tarOf([{ name: 'srv/app/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' }])
  config.rootfs.diff_ids.push(sha256(layer))
  Object.assign(manifest.config, put(Buffer.from(JSON.stringify(config))))
  manifest.layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...put(gzipSync(layer)) })
  Object.assign(index.manifests[0], put(Buffer.from(JSON.stringify(manifest))))
  const derived = JSON.stringify(index)
  return (itself) => writeFileSync(path, itself ? base : derived)
}

function countsIn(document: string): string {
  const { components }: { readonly components: readonly { readonly purl?: string }[] } = JSON.parse(document)
  const count = (type: string) => components.filter(({ purl }) => purl?.startsWith(`pkg:${type}/`)).length
  return `${count('deb')} deb, ${count('npm')} npm`
}

function tell(costs: ReadonlyMap<Name, readonly Cost[]>, name: Name, beside: Name, note = ''): void {
  const of = (which: Name, what: keyof Cost) => middle((costs.get(which) ?? []).map((cost) => cost[what]))
  const part = (what: keyof Cost) => `${of(name, what).toFixed(2)} s ${what} (${ratio(of(name, what), of(beside, what))} ${beside})`
  console.log(`${name}: ${part('cpu')}, ${part('wall')}${note && `; ${note}`}`)
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
