import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from './freshness.mjs'

const folders = ['src', 'console', 'test', 'scripts', 'bin', 'bench', 'lab', 'vitest.config.ts'].filter((path) =>
  existsSync(join(root, path)),
)

/** What `npm run check` asks, in this order; every question is put even when an earlier one was answered with no. */
const questions: readonly { readonly name: string; readonly command: readonly [string, ...string[]]; readonly needs?: string }[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of the console', command: ['tsc', '-p', 'console'], needs: 'console/tsconfig.json' },
  { name: 'lint', command: ['oxlint', '--deny-warnings', ...folders] },
  { name: 'format', command: ['biome', 'format'] },
  { name: 'house', command: ['vitest', 'run', 'test/house.test.ts'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
]

const failed: string[] = []
for (const { name, command, needs } of questions) {
  if (needs !== undefined && !existsSync(join(root, needs))) continue
  const { ok, output } = await ask(command)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (ok) continue
  failed.push(name)
  console.log(output)
}
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

async function ask([program, ...args]: readonly [string, ...string[]]): Promise<{ ok: boolean; output: string }> {
  const child = spawn(join(root, 'node_modules/.bin', program), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = await once(child, 'close')
  return { ok: code === 0, output }
}
