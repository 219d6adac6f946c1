import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breaches, importsOf, unitBreaches, type Kind, type Source } from './house.ts'

const root = join(import.meta.dirname, '..')
const folders = ['src', 'test', 'console', 'scripts', 'bin', 'bench', 'lab']

describe('the house as it stands', () => {
  it('has no import, reach, name or size that breaks a rule', () => {
    expect(breaches(folders.flatMap(walk).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })))).toEqual([])
  })

  it('has every unit in a folder of its own name, described and listed', async () => {
    expect(unitBreaches(await Promise.all(unitKinds().map(loadKind)))).toEqual([])
  })
})

/** Every rule: a file, what is told of it, and the text that breaks the rule. */
const planted: readonly (readonly [string, string, string])[] = [
  ['src/model/planted.ts', ':1 must not import src/kit/log.ts', `import { a } from '../kit/log.ts'`],
  ['src/kit/planted.ts', ':1 must not import src/formats/osv.ts', `import type { A } from '../formats/osv.ts'`],
  ['src/formats/planted.ts', ':1 must not import src/plugins/feeds/index.ts', `export { a } from '../plugins/feeds/index.ts'`],
  ['src/store/planted.ts', ':1 must not import src/core/findings/index.ts', `export * from '../core/findings/index.ts'`],
  ['src/core/matching/planted.ts', ':2 must not import src/api/server.ts', `\nawait import('../../api/server.ts')`],
  ['src/core/matching/planted.ts', ':1 must not import src/plugins/schemes/index.ts', `import { a } from '../../plugins/schemes/index.ts'`],
  ['src/core/matching/planted.ts', ':1 must not import src/core/findings/page.ts', `import { a } from '../findings/page.ts'`],
  ['src/api/planted.ts', ':1 must not import src/app/build.ts', `import { a } from '../app/build.ts'`],
  ['src/api/planted.ts', ':1 must not import src/core/findings/page.ts', `import { a } from '../core/findings/page.ts'`],
  ['src/app/planted.ts', ':1 must not import src/cli/main.ts', `import { a } from '../cli/main.ts'`],
  ['src/app/planted.ts', ':1 must not import src/plugins/feeds/osv/fetch.ts', `import { a } from '../plugins/feeds/osv/fetch.ts'`],
  ['src/cli/planted.ts', ':1 must not import src/store/index.ts', `import { a } from '../store/index.ts'`],
  ['src/cli/planted.ts', ':1 must not import src/store/index.ts', `import fs = require('../store/index.ts')`],
  ['src/cli/planted.ts', ':1 must not import src/store/index.ts', `const { a } = require('../store/index.ts')`],
  ['src/cli/planted.ts', ':1 must not import src/store/index.ts', `type A = import('../store/index.ts').A`],
  ['src/plugins/feeds/osv/planted.ts', ':1 must not import src/plugins/feeds/kev/index.ts', `import { a } from '../kev/index.ts'`],
  [
    'src/plugins/feeds/osv/planted.ts',
    ':1 must not import src/plugins/schemes/deb/index.ts',
    `import { a } from '../../schemes/deb/index.ts'`,
  ],
  ['src/plugins/feeds/osv/planted.ts', ':1 must not import src/plugins/feeds/index.ts', `import { a } from '../index.ts'`],
  ['src/plugins/feeds/osv/planted.ts', ':1 must not import src/store/index.ts', `import { a } from '../../../store/index.ts'`],
  ['src/plugins/feeds/index.ts', ':1 must not import src/plugins/schemes/deb/index.ts', `import { a } from '../schemes/deb/index.ts'`],
  ['src/plugins/feeds/index.ts', ':1 must not import src/plugins/feeds/osv/fetch.ts', `import { a } from './osv/fetch.ts'`],
  ['src/kit/planted.ts', ':1 must not import lab/aws.ts', `import { a } from '../../lab/aws.ts'`],
  ['src/kit/planted.ts', ':1 must not import test/shared.ts', `import { a } from '../../test/shared.ts'`],
  ['src/kit/planted.ts', ':1 must not import src/kit/log.test.ts', `import { a } from './log.test.ts'`],
  ['src/kit/planted.ts', ':1 must not import src/kit/fixtures/a.ts', `import { a } from './fixtures/a.ts'`],
  ['src/kit/planted.ts', ':1 must not import ../elsewhere.ts', `import { a } from '../../../elsewhere.ts'`],
  ['src/kit/planted.ts', ':1 imports something that is not a fixed text', 'await import(name)'],
  ['src/kit/planted.test.ts', ':1 must not import src/core/findings/page.ts', `import { a } from '../core/findings/page.ts'`],
  ['src/kit/planted.test.ts', ':1 must not import src/cli/main.ts', `import { a } from '../cli/main.ts'`],
  ['console/planted.tsx', ':1 the console must not import src/model/finding.ts', `import { a } from '../src/model/finding.ts'`],
  ['src/core/matching/planted.ts', ':1 must not use node:https', `import { request } from 'node:https'`],
  ['src/core/matching/planted.ts', ':1 must not use net', `import net from 'net'`],
  ['src/core/matching/planted.ts', ':1 must not use node:net', `import { connect, isIP } from 'node:net'`],
  ['src/core/matching/planted.ts', ':1 must not use node:net', `import net, { isIP } from 'node:net'`],
  ['src/core/matching/planted.ts', ':1 must not use fetch', 'await fetch(url)'],
  ['src/core/matching/planted.ts', ':1 must not use fetch', 'await globalThis.fetch(url)'],
  ['src/api/planted.ts', ':1 must not use WebSocket', 'new WebSocket(url)'],
  ['src/api/planted.ts', ':1 must not use undici', `import { request } from 'undici'`],
  ['src/store/planted.ts', ':1 must not use node:http', `import { createServer } from 'node:http'`],
  ['src/cli/planted.ts', ':1 must not use node:child_process', `import { spawn } from 'node:child_process'`],
  ['src/plugins/ecosystems/dpkg/planted.ts', ':1 must not use node:child_process', `import { spawn } from 'node:child_process'`],
  ['src/core/matching/planted.ts', ':1 must not use @aws-sdk/client-inspector2', `import { A } from '@aws-sdk/client-inspector2'`],
  ['src/api/planted.ts', ':1 must not use kysely', `import { sql } from 'kysely'`],
  ['src/app/planted.ts', ':1 must not use pg', `import pg from 'pg'`],
  ['src/kit/planted.ts', ':1 must not use @electric-sql/pglite', `import { PGlite } from '@electric-sql/pglite'`],
  ['src/kit/planted.ts', ':1 must import zod whole, as z', `import { z } from 'zod'`],
  ['src/kit/planted.ts', ':1 must not export a default', 'export default 1'],
  ['src/kit/planted.ts', ':2 must not export a default', 'const a = 1\nexport { a as default }'],
  ['src/kit/planted.ts', ' has 501 lines, more than 500', '\n'.repeat(501)],
  ['src/kit/utils.ts', ' must have a name that says what it holds, not utils.ts', ''],
  ['src/core/helpers/index.ts', ' must have a name that says what it holds, not helpers', ''],
  ['src/kit/plantedFile.ts', ' must be named in kebab-case', ''],
]

/** What the rules leave open. */
const allowed: readonly (readonly [string, string])[] = [
  ['src/core/matching/a.ts', `import { a } from '../findings/index.ts'; import { sql } from 'kysely'`],
  ['src/plugins/feeds/index.ts', `import { osv } from './osv/index.ts'`],
  ['src/plugins/feeds/osv/a.ts', `import { b } from './b.ts'; import { c } from '../../../formats/osv.ts'; await fetch('https://osv.dev')`],
  [
    'src/plugins/feeds/osv/a.test.ts',
    `import { a } from '../../../../test/shared.ts'; import { deb } from '../../schemes/deb/index.ts'; import net from 'node:net'`,
  ],
  ['src/core/knowledge/a.ts', 'await feed.fetch(scope)'],
  ['src/core/knowledge/a.ts', 'async function fetch() {}\nawait fetch()'],
  ['src/api/a.ts', `import type { IncomingMessage } from 'node:http'; import { SignatureV4 } from '@smithy/signature-v4'`],
  ['src/store/a.ts', `import { createServer } from 'node:net'; import { PGlite } from '@electric-sql/pglite'`],
  ['src/app/a.ts', `import about from '../../package.json' with { type: 'json' }; import { feeds } from '../plugins/feeds/index.ts'`],
  ['src/cli/a.ts', `await import('./b.ts'); import { BlockList, isIP } from 'node:net'`],
  ['console/a.tsx', 'export default function Page() { return <p>{fetch("/api")}</p> }'],
  ['vitest.config.ts', 'export default {}'],
]

describe('a planted breach is caught', () => {
  it.each(planted)('%s%s', (path, told, text) => {
    expect(breaches([file('src/model/a.ts', ''), file(path, text)])).toEqual([path + told])
  })

  it.each(allowed)('but not %s: %s', (path, text) => {
    expect(breaches([file('src/model/a.ts', ''), file(path, text)])).toEqual([])
  })

  it('but not a generated file of 600 lines', () => {
    expect(breaches([file('src/api/limits.generated.ts', '\n'.repeat(600))])).toEqual([])
  })

  it('told as a circle of capabilities, once', () => {
    const uses = (from: string, to: string) => file(`src/core/${from}/index.ts`, `import type { A } from '../${to}/index.ts'`)
    expect(
      breaches([uses('scoring', 'findings'), uses('findings', 'matching'), uses('matching', 'scoring'), uses('policy', 'scoring')]),
    ).toEqual(['core/findings -> core/matching -> core/scoring -> core/findings is a circle'])
  })

  it('unless nothing was read', () => {
    expect(() => breaches([file('console/a.ts', '')])).toThrow('the house test read no file under src/')
  })
})

it('reads every way to import, with its line', () => {
  const text = `import a, { b } from './a.ts'
import type { C } from './c.ts'
import './d.ts'
export * from './e.ts'
export type { F } from 'f'
const g = await import("./g.ts"), h = import(path)
import i from './i.json' with { type: 'json' }
const j = load('./j.ts') // import('./k.ts')`
  expect(importsOf({ path: 'src/kit/x.ts', text })).toEqual([
    { line: 1, to: 'src/kit/a.ts', names: [], type: false },
    { line: 2, to: 'src/kit/c.ts', names: ['C'], type: true },
    { line: 3, to: 'src/kit/d.ts', names: [], type: false },
    { line: 4, to: 'src/kit/e.ts', names: [], type: false },
    { line: 5, to: 'f', names: [], type: true },
    { line: 6, to: 'src/kit/g.ts', names: [], type: false },
    { line: 6, to: '?', names: [], type: false },
    { line: 7, to: 'src/kit/i.json', names: [], type: false },
  ])
})

it('tells units that are badly housed', () => {
  const whole = ['index.ts', 'README.md']
  const schemes: Kind = { kind: 'schemes', units: [{ id: 'deb' }, { id: 'deb' }], folders: new Map([['deb', whole]]) }
  const ecosystems: Kind = {
    kind: 'ecosystems',
    units: [
      { id: 'dpkg', scheme: 'deb' },
      { id: 'npm', scheme: 'semver' },
    ],
    folders: new Map([
      ['dpkg', ['index.ts']],
      ['cargo', whole],
    ]),
  }
  expect(unitBreaches([schemes, ecosystems])).toEqual([
    'src/plugins/ecosystems/dpkg has no README.md',
    'src/plugins/ecosystems/index.ts does not list cargo',
    'src/plugins/ecosystems/index.ts lists npm, which is no folder there',
    'src/plugins/ecosystems/npm names the unknown scheme semver',
    'src/plugins/schemes/index.ts lists deb twice',
  ])
})

function file(path: string, text: string): Source {
  return { path, text }
}

function walk(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return ['fixtures', 'node_modules', 'dist'].includes(entry.name) ? [] : walk(path)
    return [path]
  })
}

function foldersOf(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}

/** Kinds that hold units. */
function unitKinds(): string[] {
  return foldersOf('src/plugins').filter((kind) => foldersOf(`src/plugins/${kind}`).length > 0)
}

async function loadKind(kind: string): Promise<Kind> {
  const register: Record<string, Kind['units']> = await import(join(root, 'src/plugins', kind, 'index.ts'))
  const folders = new Map(foldersOf(`src/plugins/${kind}`).map((name) => [name, readdirSync(join(root, 'src/plugins', kind, name))]))
  return { kind, units: register[kind] ?? [], folders }
}
