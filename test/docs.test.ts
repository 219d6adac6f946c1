import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { operations } from '../src/api/inspector2/operations/index.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { feeds } from '../src/plugins/feeds/index.ts'
import { schemes } from '../src/plugins/schemes/index.ts'
import { sources } from '../src/plugins/sources/index.ts'

const root = join(import.meta.dirname, '..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every document of the project: at its root, below docs, and the one of each unit. */
const documents = ['.', 'docs', 'src/plugins']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  .sort()

const fence = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm
const withoutBlocks = (markdown: string) => markdown.replaceAll(fence, '').replaceAll(/`[^`\n]*`/g, '')

/** Links and images of a document that lead to another file or heading, as written. */
function linksOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to).filter((to) => !/^[a-z]+:/.test(to))
}

/** Anchors of a document's headings, as GitHub makes them. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.replaceAll(fence, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function leadsNowhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : relative(root, join(root, dirname(document), decodeURIComponent(path)))
  if (target.startsWith('..') || !existsSync(join(root, target))) return true
  return anchor !== undefined && !(target.endsWith('.md') && anchorsOf(text(target)).includes(anchor))
}

describe.each(documents)('%s', (document) => {
  const markdown = text(document)

  it('has links that lead somewhere', () => {
    expect(linksOf(markdown).filter((link) => leadsNowhere(document, link))).toEqual([])
  })

  it('shows no TypeScript, which nobody would check', () => {
    const languages = [...markdown.matchAll(fence)].map(([, , language = '']) => language)
    expect(languages.filter((language) => /^(ts|tsx|typescript)$/.test(language))).toEqual([])
  })

  it('names no path of a machine', () => {
    expect(markdown.match(/(?:\/work|\/root|\/tmp|\/Users|\/home\/\w+)\/[\w.-]+/g) ?? []).toEqual([])
  })

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }
    const named = [...markdown.matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

it('every unit is in the table of units', () => {
  const table = text('docs/architecture.md')
  const units = { ecosystems, schemes, feeds, sources }
  const lines = Object.entries(units).flatMap(([kind, all]) =>
    all.map(({ id }) => `| ${kind.slice(0, -1)} | [${id}](../src/plugins/${kind}/${id}/README.md) |`),
  )
  expect(lines.filter((line) => !table.includes(line))).toEqual([])
})

it('every command is in the guide', () => {
  const guide = text('docs/guides/cli.md')
  const commands = [...text('src/cli/program.ts').matchAll(/\{ name: '([a-z-]+)', summary/g)].map(([, name = '']) => name)
  expect(commands.length).toBeGreaterThan(5)
  expect(commands.filter((name) => !guide.includes(`| \`${name}`))).toEqual([])
})

it('the operations of the AWS API are those of the guide', () => {
  const guide = text('docs/guides/api.md')
  const listed = /^Answered: ([\s\S]*?)\.$/m.exec(guide)?.[1]?.match(/\w+/g) ?? []
  expect(listed.toSorted()).toEqual(operations.map(({ name }) => name as string).toSorted())
})

it('every variable of the environment is in the guide', () => {
  const guide = text('docs/guides/operations.md')
  const read = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').match(/\bOI_[A-Z_]+\b|\bDATABASE_URL\b/g) ?? [])
  expect([...new Set(read)].filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
})
