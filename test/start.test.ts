import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let scratch = ''
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'oi-start-'))
})
afterEach(() => {
  for (const { pid } of started()) process.kill(pid, 'SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

it('npm start, stopped by SIGTERM, leaves no process behind', { timeout: 120_000 }, async () => {
  const args = [
    'start',
    '--',
    '--port',
    '0',
    '--data',
    join(scratch, 'data'),
    '--feeds',
    'off',
    '--watch',
    `dir:${join(import.meta.dirname, 'contracts')}`,
  ]
  const npm = spawn('npm', args, {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, OI_TEST_RUN: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(npm, 'close') // when nobody holds its output any more
  await serving(npm.stdout, npm.stderr)
  expect(started().map(({ command }) => command)).toContainEqual(expect.stringContaining('bin/openinspector.mjs serve'))
  npm.kill('SIGTERM')
  expect((await closed)[0]).toBe(0)
  expect(started()).toEqual([])
})

/** Resolves when an address was printed; rejects with what was said when the output ended without one. */
function serving(...outputs: readonly NodeJS.ReadableStream[]): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    for (const output of outputs) {
      output.setEncoding('utf8')
      output.on('data', (text: string) => {
        said += text
        if (/^Ready: http:/m.test(said)) resolve()
      })
      output.on('end', () => reject(new Error(`expected the server's address, got:\n${said}`)))
    }
  })
}

/** Processes that descend from ours: they inherit its environment. */
function started(): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const environment = procFile(name, 'environ')
    return environment.includes(`OI_TEST_RUN=${scratch}`)
      ? [{ pid: Number(name), command: procFile(name, 'cmdline').replaceAll('\0', ' ') }]
      : []
  })
}

function procFile(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'latin1')
  } catch {
    return '' // gone meanwhile, or somebody else's
  }
}
