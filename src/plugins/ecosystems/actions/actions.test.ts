import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { actions } from './index.ts'
import { workflow } from './workflow.ts'

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/release.yml'), 'utf8')
const read = (text: string, path = '.github/workflows/x.yml') => workflow.read(fileOf(path, text))

extractorContract(workflow, {
  path: 'app/.github/workflows/release.yml',
  content: fixture,
  wants: ['.github/workflows/a.yaml', 'action.yml', '.github/actions/one/action.yaml'],
  refuses: ['.github/dependabot.yml', '.github/workflows/a/b.yml', 'workflows/a.yml', 'node_modules/x/action.yml', 'my-action.yml'],
})

describe('a workflow', () => {
  it('uses actions and workflows of other repositories', async () => {
    const { occurrences, gaps } = await read(fixture)
    expect(gaps).toEqual([])
    expect(occurrences.map(({ component }) => component.purl)).toEqual([
      'pkg:github/actions/checkout@v4',
      'pkg:github/tj-actions/changed-files@v45.0.7',
      'pkg:github/actions/setup-node@v4.0.2',
      'pkg:github/github/codeql-action@b56ba49b26e50535fa1e7f7db0f4f7b4bf65d80d',
      'pkg:github/octo-org/shared@main',
    ])
    expect(occurrences[1]).toEqual({
      component: {
        purl: 'pkg:github/tj-actions/changed-files@v45.0.7',
        type: 'github',
        name: 'tj-actions/changed-files',
        version: 'v45.0.7',
      },
      ...{ at: { path: '.github/workflows/x.yml' }, extractor: 'actions/workflow', scope: 'dev', direct: true },
    })
  })
  it('is read as an action made of steps, too', async () => {
    const text = 'name: x\nruns:\n  using: composite\n  steps:\n    - uses: a/b@v1.0.0\n'
    expect((await read(text, 'action.yml')).occurrences.map(({ component }) => component.purl)).toEqual(['pkg:github/a/b@v1.0.0'])
    expect(await read('name: x\nruns: { using: node20, main: x.js }\n', 'action.yml')).toEqual({ occurrences: [], gaps: [] })
  })
  it.each([
    ['[]', 'expected a map of names'],
    ['jobs: { a: { steps: [ { uses: checkout } ] } }', 'expected "owner/repository@reference" in uses, got "checkout"'],
    ['jobs: { a: { steps: [ { uses: a/b } ] } }', 'expected "owner/repository@reference" in uses, got "a/b"'],
    ['jobs: { a: { uses: "a/../b@v 1" } }', 'expected "owner/repository@reference" in uses, got "a/../b@v 1"'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
  it('takes long lines as they come', async () => {
    expect((await read(`x: "${'uses: '.repeat(200_000)}"`)).gaps).toEqual([])
  })
})

describe('the advisory key of an action', () => {
  it.each([
    ['v4.1.2', 'v4.1.2'],
    ['v4', 'v4.x'],
    ['4.1', '4.1.x'],
    ['main', 'main'],
  ])('of %s has the version %s', (version, key) => {
    expect(actions.advisoryKey({ purl: '', type: 'github', name: 'Tj-Actions/changed-files', version })).toEqual({
      ecosystem: 'GitHub Actions',
      name: 'tj-actions/changed-files',
      version: key,
    })
  })
})
