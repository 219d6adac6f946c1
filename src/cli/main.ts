import { exit } from './exit.ts'
import { run } from './program.ts'

// `| head` closes our output: that is an end, not an error. Words that nobody hears any more keep nothing from being done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exit.ok : exit.internal))
process.stderr.on('error', () => {})
process.exitCode = await run(process.argv.slice(2))
