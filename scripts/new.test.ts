import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { breaches, unitBreaches } from '../test/house.ts'
import { root as project } from './freshness.mjs'
import { newUnit } from './new.ts'
import { kinds } from './unit-templates.ts'

const root = mkdtempSync(join(tmpdir(), 'oi-new-'))
const written: string[] = []

beforeAll(() => {
  for (const path of ['package.json', 'tsconfig.json', 'biome.json', '.oxlintrc.json']) cpSync(join(project, path), join(root, path))
  for (const path of ['node_modules', 'test']) symlinkSync(join(project, path), join(root, path))
  mkdirSync(join(root, 'src/plugins'), { recursive: true })
  for (const path of ['src/model', 'src/kit']) cpSync(join(project, path), join(root, path), { recursive: true })
  for (const kind of kinds) {
    mkdirSync(join(root, `src/plugins/${kind}s`))
    writeFileSync(join(root, `src/plugins/${kind}s/index.ts`), `${registers[kind].join('\n')}\n`)
    written.push(...newUnit(root, kind, `my-${kind}`).map((path) => relative(root, path)))
  }
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const registers = {
  ecosystem: [`import type { Ecosystem } from '../../model/seams.ts'`, '', 'export const ecosystems: readonly Ecosystem[] = []'],
  scheme: [`import type { VersionScheme } from '../../model/seams.ts'`, '', 'export const schemes: readonly VersionScheme[] = [', ']'],
  feed: [`import type { KnowledgeFeed } from '../../model/seams.ts'`, '', 'export const feeds: readonly KnowledgeFeed[] = []'],
  source: [`import type { ResourceSource } from '../../model/seams.ts'`, '', 'export const sources: readonly ResourceSource[] = []'],
}

it('lists a unit after those that are there', () => {
  newUnit(root, 'scheme', 'semver')
  expect(readFileSync(join(root, 'src/plugins/schemes/index.ts'), 'utf8')).toBe(`import type { VersionScheme } from '../../model/seams.ts'
import { myScheme } from './my-scheme/index.ts'
import { semver } from './semver/index.ts'

export const schemes: readonly VersionScheme[] = [myScheme, semver]
`)
})

it('makes units that keep the rules of the house', () => {
  expect(breaches(written.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })))).toEqual([])
  const schemes = { kind: 'schemes', units: [{ id: 'semver' }], folders: new Map([['semver', ['index.ts', 'README.md']]]) }
  const made = kinds
    .filter((kind) => kind !== 'scheme')
    .map((kind) => ({
      kind: `${kind}s`,
      units: [{ id: `my-${kind}`, scheme: 'semver' }],
      folders: new Map([[`my-${kind}`, filesOf(kind)]]),
    }))
  expect(unitBreaches([schemes, ...made])).toEqual([])
})

it('makes units that pass types, lint and format', () => {
  const ours = written.filter((path) => path.endsWith('.ts'))
  const types = run('tsc', ['-p', '.']).filter((line) => ours.some((path) => line.startsWith(path)))
  expect(types).toEqual([])
  expect(run('oxlint', ['-f', 'unix', ...ours]).filter((line) => line.includes('[Error'))).toEqual([])
  expect(run('biome', ['format', ...ours]).join('\n')).toContain('No fixes applied')
})

it('makes units whose tests pass', () => {
  const report = run('vitest', ['run', '--root', root, 'my-'])
  expect(report.join('\n')).toMatch(/Test Files\s+4 passed \(4\)/)
})

it.each([
  ['sink', 'a', 'expected a kind (ecosystem, scheme, feed, source), got "sink"'],
  ['feed', 'My_Feed', 'expected a name in kebab-case, got "My_Feed"'],
  ['feed', '../feed', 'expected a name in kebab-case, got "../feed"'],
  ['feed', 'my-feed', 'src/plugins/feeds/my-feed is there already'],
])('refuses %s %s', (kind, name, why) => {
  expect(() => newUnit(root, kind, name)).toThrow(why)
})

function filesOf(kind: string): string[] {
  return readdirSync(join(root, `src/plugins/${kind}s/my-${kind}`))
}

function run(program: string, args: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(join(project, 'node_modules/.bin', program), args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', PATH: `${join(project, 'node_modules/.bin')}:${process.env['PATH']}` },
  })
  return `${stdout}${stderr}`.split('\n')
}
