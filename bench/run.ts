import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What `bench/NAME.bench.ts` exports. Prints its figures, as ratios to a peer or floor of the same run. */
type Bench = { readonly run: (args: readonly string[]) => Promise<void> }

const ending = '.bench.ts'
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length))
  .sort()
const [name, ...args] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME [ARGUMENTS], where NAME is one of: ${names.join(', ')}`)
  process.exitCode = 2
} else {
  const bench: Bench = await import(join(import.meta.dirname, name + ending))
  await bench.run(args)
}
