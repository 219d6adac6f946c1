import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floor, inventory } from './image-inventory.ts'
import { benchInputs, cpuOf, machine, ratio } from './measure.ts'

type Cost = { readonly cpu: number; readonly wall: number }
type Name = 'floor' | 'cold' | 'again' | 'moved' | 'archive' | 'archive again'

const script = join(import.meta.dirname, 'run.ts')

/**
 * The inventory of an OCI image of 943 Debian packages, gzip, 1.8 GB uncompressed: read for the first time, again, and from
 * another folder with the same blobs; beside the floor (gunzip and two SHA-256 in Node). Whole processes, medians; the runs
 * take turns, so that a machine that is busy for a while is busy for all of them. Argument: number of turns, default 5.
 * With `floor LAYOUT` or `inventory IMAGE CACHE` it is one of the processes it measures.
 */
export async function run([what = '5', ...of]: readonly string[] = []): Promise<void> {
  if (what === 'floor') return await floor(of[0] ?? '')
  if (what === 'inventory') return await inventory(of[0] ?? '', of[1] ?? '')
  measure(Number(what))
}

function measure(turns: number): void {
  const layout = join(benchInputs(), 'img/oci-big')
  const archive = join(benchInputs(), 'img/big.docker.tar')
  if (!existsSync(layout)) throw new Error(`expected an OCI layout at ${layout}`)
  const folder = mkdtempSync(join(tmpdir(), 'oi-bench-'))
  const costs = new Map<Name, Cost[]>()
  const found = new Set<string>()
  const time = (name: Name, ...args: readonly string[]) => {
    const start = performance.now()
    const { seconds, output } = cpuOf(process.execPath, [script, 'image', ...args])
    costs.set(name, [...(costs.get(name) ?? []), { cpu: seconds, wall: (performance.now() - start) / 1000 }])
    if (output !== '') found.add(output.trim())
  }
  try {
    const moved = join(folder, 'moved')
    cpSync(layout, moved, { recursive: true })
    for (let turn = 0; turn < turns; turn++) {
      const [cache, archiveCache] = [join(folder, `cache-${turn}`), join(folder, `archive-${turn}`)]
      time('floor', 'floor', layout)
      time('cold', 'inventory', layout, cache)
      time('again', 'inventory', layout, cache)
      time('moved', 'inventory', moved, cache)
      time('archive', 'inventory', archive, archiveCache)
      time('archive again', 'inventory', archive, archiveCache)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  console.log(machine())
  console.log(`found: ${[...found].join('; ')}`)
  tell(costs, 'floor', 'floor')
  tell(costs, 'cold', 'floor', 'bar 1.3')
  tell(costs, 'again', 'cold', 'bar 0.05')
  tell(costs, 'moved', 'cold', 'another on the same layers, bar 0.1')
  tell(costs, 'archive', 'floor', 'docker archive, nothing to inflate')
  tell(costs, 'archive again', 'archive', 'bar 0.05')
}

function tell(costs: ReadonlyMap<Name, readonly Cost[]>, name: Name, beside: Name, note = ''): void {
  const of = (which: Name, what: keyof Cost) => middle((costs.get(which) ?? []).map((cost) => cost[what]))
  const part = (what: keyof Cost) => `${of(name, what).toFixed(2)} s ${what} (${ratio(of(name, what), of(beside, what))} ${beside})`
  console.log(`${name}: ${part('cpu')}, ${part('wall')}${note && `; ${note}`}`)
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
