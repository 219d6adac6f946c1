import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { entries } from './build.ts'
import { root as project } from './freshness.mjs'

const building = 'openinspector: building the server (its sources changed) ...\n'
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'oi-build-'))
  for (const path of ['bin', 'scripts', 'package.json', 'package-lock.json'])
    cpSync(join(project, path), join(root, path), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'))
  write('src/cli/main.ts', `const { say } = await import('./say.ts')\nsay(process.argv.slice(2))\n`)
  write('src/cli/say.ts', sayer('one'))
  for (const program of Object.values(entries)) if (program !== 'src/cli/main.ts') write(program, 'export const program = 1\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('builds at the first start, and again only when the content of an input changed', async () => {
  expect(await start('a', 'b')).toEqual({ code: 0, stdout: 'one a,b\n', stderr: building })
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: '' })
  utimesSync(join(root, 'src/cli/say.ts'), new Date(), new Date())
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: '' })
  write('src/cli/say.test.ts', 'broken (')
  write('src/cli/fixtures/a.json', '{')
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: '' })
  write('src/cli/say.ts', sayer('two'))
  expect(await start()).toEqual({ code: 0, stdout: 'two \n', stderr: building })
  rmSync(join(root, 'dist/main.js'))
  expect(await start()).toEqual({ code: 0, stdout: 'two \n', stderr: building })
})

it('keeps the chunks of the build before, for who still runs it', async () => {
  const chunks = () => readdirSync(join(root, 'dist')).filter((file) => file.startsWith('say-'))
  await start()
  const before = chunks()
  write('src/cli/say.ts', sayer('two'))
  await start()
  expect(chunks()).toHaveLength(2)
  expect(chunks()).toEqual(expect.arrayContaining(before))
})

it('builds once when many start at once', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => start()))
  expect(all.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => 'one \n'))
  expect(all.map(({ stderr }) => stderr).join('')).toBe(building)
})

it('does not wait for a builder that is gone', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  write('dist/.lock', String(pid))
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: building })
  expect(existsSync(join(root, 'dist/.lock'))).toBe(false)
})

it('says what is wrong in a source, and leaves what was built', async () => {
  await start()
  write('src/cli/say.ts', 'export const = 1')
  expect(await start()).toEqual({ code: 5, stdout: '', stderr: expect.stringContaining('src/cli/say.ts:1:13: ERROR') })
  write('src/cli/say.ts', sayer('one'))
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: '' })
})

it('checks nothing where there are no sources', async () => {
  await start()
  for (const path of ['src', 'scripts', 'node_modules']) rmSync(join(root, path), { recursive: true })
  expect(await start()).toEqual({ code: 0, stdout: 'one \n', stderr: '' })
})

it('passes the exit code on', async () => {
  write('src/cli/main.ts', 'process.exitCode = 3\n')
  expect((await start()).code).toBe(3)
})

const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((path) => existsSync(path) && Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 24)
const absent = oldNode === undefined ? ' (skipped: no Node before 24 in PATH)' : ''

it.skipIf(oldNode === undefined)(`hands over to the project's Node when run by an older one${absent}`, async () => {
  write(
    'src/cli/main.ts',
    'console.log(Number(process.versions.node.split(".")[0]) >= 24, process.argv.slice(2).join())\nprocess.exitCode = 3\n',
  )
  expect(await run(oldNode ?? '', ['a b', '--c'])).toEqual({ code: 3, stdout: 'true a b,--c\n', stderr: building })
})

it.skipIf(oldNode === undefined)(`passes a signal on to it${absent}`, async () => {
  write('src/cli/main.ts', `process.once('SIGTERM', () => process.exit(7))\nsetInterval(() => {}, 1000)\nconsole.log('ready')\n`)
  const child = spawn(oldNode ?? '', [launcher()], { stdio: ['ignore', 'pipe', 'ignore'] })
  const code = new Promise((resolve) => child.on('close', resolve))
  child.stdout.once('data', () => child.kill('SIGTERM'))
  expect(await code).toBe(7)
})

it.skipIf(oldNode === undefined)(`says so when there is no newer Node${absent}`, async () => {
  rmSync(join(root, 'node_modules'))
  const { code, stderr } = await run(oldNode ?? '', ['--help'])
  expect(code).toBe(5)
  expect(stderr).toContain('openinspector: it needs Node 24 or later')
})

function sayer(word: string): string {
  return `export const say = (args: readonly string[]) => console.log('${word}', args.join())\n`
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

const launcher = () => join(root, 'bin/openinspector.mjs')
const start = (...args: readonly string[]) => run(process.execPath, args)

async function run(node: string, args: readonly string[]) {
  const child = spawn(node, [launcher(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const code = new Promise((resolve) => child.on('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}
