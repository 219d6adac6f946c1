/**
 * A worker to be killed: it observes hosts and loads feeds without end, and says a line for each change that was
 * acknowledged to it. Run by killed.test.ts and by the bench; argument: data folder, seed.
 */
import { fanOut, refreshStale, settleSwitched } from '../../src/core/findings/index.ts'
import { registerResource } from '../../src/core/inventory/index.ts'
import { openStore } from '../../src/store/connection.ts'
import { advisory, affects, at, deb, host, load, observe, openWorld, osvFeed } from './world.ts'

const [dataDir = '', seed = '0'] = process.argv.slice(2)
let state = Number(seed) + 1
const random = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const store = await openStore({ dataDir })
const world = await openWorld(store)
say({ open: true })
for (let step = 0; ; step++) {
  world.clock = new Date(world.clock.getTime() + 1_000)
  const what = random(4)
  if (what === 0) {
    const records = Array.from({ length: 300 }, (_, n) =>
      advisory(`CVE-2024-${1000 + n}`, { affected: [affects('Debian:12', `lib${n % 60}`, `1.${random(30)}-1`)], details: `step ${step}` }),
    )
    const { generation } = await load(world, osvFeed('Debian'), records)
    say({ loaded: generation })
  } else if (what === 1) {
    await refreshStale(world)
    await fanOut(world)
    await settleSwitched(world)
  } else {
    const name = `host-${random(5)}`
    const version = `1.${random(30)}-1`
    await registerResource(world, host(name))
    await observe(
      world,
      host(name),
      Array.from({ length: 60 }, (_, n) => at('var/lib/dpkg/status', deb(`lib${n}`, version))),
    )
    say({ observed: name, version })
  }
}
