import { exit } from './exit.ts'
import { run } from './program.ts'

// `| head` closes our output: that is an end, not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exit.ok : exit.internal))
}
process.exitCode = await run(process.argv.slice(2))
