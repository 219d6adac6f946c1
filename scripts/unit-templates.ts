/** Kinds of units that `npm run new` can begin. */
export const kinds = ['ecosystem', 'scheme', 'feed', 'source'] as const
export type UnitKind = (typeof kinds)[number]

/** Files of a new unit, by name inside its folder. It works as it stands, on a made-up format, and is to be rewritten piece by piece. */
export function unitFiles(kind: UnitKind, id: string): Record<string, string> {
  return templates[kind]({ id, name: camelCase(id) })
}

/** `linux-kernel` as a name in code: `linuxKernel`. */
export function camelCase(id: string): string {
  return id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

type Names = { readonly id: string; readonly name: string }

const templates: Record<UnitKind, (names: Names) => Record<string, string>> = {
  ecosystem: ({ id, name }) => ({
    'index.ts': `import type { Ecosystem } from '../../../model/seams.ts'
import { ${name}Lock } from './${id}-lock.ts'

/** Packages of ${id}, judged by the advisories of the OSV ecosystem of that name. */
export const ${name} = {
  id: '${id}',
  version: 1,
  title: 'Packages of ${id}',
  purlTypes: ['${id}'],
  scheme: 'semver',
  extractors: [${name}Lock],
  families: ['${id}'],
  advisoryKey: ({ name, version }) => ({ ecosystem: '${id}', name, version }),
} satisfies Ecosystem
`,
    [`${id}-lock.ts`]: `import * as z from 'zod'
import type { Extractor } from '../../../model/seams.ts'

const Lock = z.object({ packages: z.array(z.object({ name: z.string(), version: z.string() })) })

/** \`${id}.lock\`: a JSON list of names and versions. */
export const ${name}Lock = {
  id: '${id}/${id}-lock',
  version: 1,
  title: '${id}.lock',
  names: ['${id}.lock'],
  wants: ({ path }) => path === '${id}.lock' || path.endsWith('/${id}.lock'),
  async read(file) {
    const lock = Lock.parse(JSON.parse(await file.text()))
    const occurrences = lock.packages.map(({ name, version }) => ({
      component: { purl: \`pkg:${id}/\${encodeURIComponent(name)}@\${encodeURIComponent(version)}\`, type: '${id}', name, version },
      at: { path: file.path },
      extractor: '${id}/${id}-lock',
    }))
    return { occurrences, gaps: [] }
  },
} satisfies Extractor
`,
    [`${id}-lock.test.ts`]: `import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { ${name}Lock } from './${id}-lock.ts'

const path = 'app/${id}.lock'
const content = readFileSync(join(import.meta.dirname, 'fixtures/two-packages.lock'), 'utf8')

extractorContract(${name}Lock, { path, content, wants: ['${id}.lock'], refuses: ['a/other-${id}.lock', '${id}.lock/x'] })

it('reads names and versions', async () => {
  const { occurrences, gaps } = await ${name}Lock.read(fileOf(path, content))
  expect(occurrences.map(({ component, at }) => [component.purl, at.path])).toEqual([
    ['pkg:${id}/left@1.0.0', path],
    ['pkg:${id}/right@2.1.0', path],
  ])
  expect(gaps).toEqual([])
})

it.each(['', '{', '{"packages":[{"name":1}]}'])('refuses %j', async (text) => {
  await expect(${name}Lock.read(fileOf(path, text))).rejects.toThrow()
})
`,
    'fixtures/places.json': `{ "app/${id}.lock": "two-packages.lock" }\n`,
    'fixtures/two-packages.lock': `{ "packages": [{ "name": "left", "version": "1.0.0" }, { "name": "right", "version": "2.1.0" }] }\n`,
    'README.md': readme(id, 'Ecosystem', [
      `Reads \`${id}.lock\`, a JSON list of names and versions.`,
      'Cannot see packages that no lockfile names.',
      'Follows no published specification yet: name it here.',
    ]),
  }),

  scheme: ({ id, name }) => ({
    'index.ts': `import type { VersionScheme } from '../../../model/seams.ts'

/** Numbers separated by dots; a missing one counts as zero. */
export const ${name} = {
  id: '${id}',
  version: 1,
  title: 'Versions of ${id}',
  names: ['${id}'],
  compare(left, right) {
    if (!valid.test(left) || !valid.test(right)) return undefined
    const [a, b] = [left.split('.'), right.split('.')]
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const order = compareNumbers(a[index] ?? '', b[index] ?? '')
      if (order !== 0) return order
    }
    return 0
  },
} satisfies VersionScheme

const valid = /^\\d+(\\.\\d+)*$/

/** Digit by digit: no length loses precision. */
function compareNumbers(left: string, right: string): -1 | 0 | 1 {
  const [a, b] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')]
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
`,
    [`${id}.test.ts`]: `import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { versionSchemeContract } from '../../../../test/contracts/version-scheme.ts'
import { ${name} } from './index.ts'

versionSchemeContract(${name}, readFileSync(join(import.meta.dirname, 'fixtures/versions.txt'), 'utf8'))
`,
    'fixtures/versions.txt': `# Source of truth: name the specification here.
1 < 2
1 = 1.0
1.0 = 1.0.0
1.2 < 1.10
01.2 = 1.2
1.9 < 2.0
1.0.1 > 1.0
3.4.5 < 3.4.6
10 > 9.9.9
0 < 0.0.1
99999999999999999998 < 99999999999999999999
`,
    'README.md': readme(id, 'Version scheme', [
      'Orders numbers separated by dots.',
      'Anything else is no version of this scheme, and has no order.',
      'Follows no published specification yet: name it here.',
    ]),
  }),

  feed: ({ id, name }) => ({
    'index.ts': `import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { below, fileCursor, heldMark } from '../../../kit/mirror.ts'
import { AppError } from '../../../model/errors.ts'
import type { KnowledgeFeed } from '../../../model/seams.ts'

const publicAddress = 'https://feeds.invalid/${id}/exploited.json'

const Catalogue = z.object({ entries: z.array(z.unknown()) })
const Entry = z.object({ cve: z.string().regex(/^CVE-\\d{4}-\\d{4,}$/), added: z.iso.date() })

/** What ${id} knows of exploited vulnerabilities: one JSON file. */
export const ${name} = {
  id: '${id}',
  version: 1,
  title: 'Exploited vulnerabilities of ${id}',
  per: 'all',
  teaches: 'exploit',
  staleAfterHours: 72,
  async fetch({ base }, cursor, http) {
    const url = base === undefined ? publicAddress : below(base, '${id}', 'exploited.json')
    const file = await http.get(url, heldMark(cursor, url))
    if (file === 'unchanged') return 'unchanged'
    if (file === 'missing') throw new AppError('missing', \`expected the catalogue of ${id} at \${url}, there is none\`)
    return { is: 'full', files: [file], cursor: fileCursor(url, file) }
  },
  async *parse({ files }) {
    for (const { path } of files) {
      const { entries } = Catalogue.parse(JSON.parse(await readFile(path, 'utf8')))
      for (const [index, raw] of entries.entries()) {
        const entry = Entry.safeParse(raw)
        if (entry.success) yield { is: 'exploit', vulnerability: entry.data.cve, source: '${id.toUpperCase()}', addedAt: entry.data.added }
        else yield { is: 'broken', record: \`entry \${index + 1}\`, reason: z.prettifyError(entry.error) }
      }
    }
  },
} satisfies KnowledgeFeed
`,
    [`${id}.test.ts`]: `import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FeedSnapshot } from '../../../model/seams.ts'
import { ${name} } from './index.ts'

function snapshot(file: string): FeedSnapshot {
  const path = join(import.meta.dirname, 'fixtures', file)
  return { is: 'full', files: [{ path, bytes: 0, sha256: '', dispose: async () => {} }], cursor: '' }
}

it('reads entries, and tells those it cannot', async () => {
  expect(await Array.fromAsync(${name}.parse(snapshot('one-good-one-broken.json')))).toEqual([
    { is: 'exploit', vulnerability: 'CVE-2021-44228', source: '${id.toUpperCase()}', addedAt: '2021-12-10' },
    { is: 'broken', record: 'entry 2', reason: expect.stringContaining('cve') },
  ])
})

it('refuses a file that was cut off', async () => {
  await expect(Array.fromAsync(${name}.parse(snapshot('truncated.json')))).rejects.toThrow()
})
`,
    'fixtures/one-good-one-broken.json': `{ "entries": [{ "cve": "CVE-2021-44228", "added": "2021-12-10" }, { "cve": "log4shell", "added": "2021-12-10" }] }\n`,
    'fixtures/truncated.json': `{ "entries": [{ "cve": "CVE-20`,
    'README.md': readme(id, 'Feed', [
      'Reads one JSON file of exploited vulnerabilities; in a mirror it lies in a folder of the same name.',
      'Cannot see what changed: each load is a full one.',
      'Follows no published specification yet: name it, and the terms of use, here.',
    ]),
  }),

  source: ({ id, name }) => ({
    'index.ts': `import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { folderTree } from '../../../kit/folder-tree.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** A folder of this machine, as \`${id}:PATH\`. */
export const ${name} = {
  id: '${id}',
  version: 1,
  title: 'Folder of ${id}',
  targets: ['${id}'],
  async open({ value }, { account, region }) {
    const path = await realpath(value).catch((cause: unknown) => {
      throw new AppError('missing', \`${id}: expected a folder, but there is nothing readable at \${resolve(value)}\`, { cause })
    })
    return {
      resource: {
        arn: \`urn:openinspector:${id}:\${encodeURIComponent(hostname())}:\${encodeURIComponent(path)}\`,
        id: path,
        type: 'OPENINSPECTOR_DIRECTORY',
        account,
        region,
        tags: {},
        facts: { hostname: hostname(), path },
      },
      watch: [path],
      collect: async () => ({ is: 'files', tree: await folderTree(path, { links: 'inside' }) }),
    }
  },
} satisfies ResourceSource
`,
    [`${id}.test.ts`]: `import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ${name} } from './index.ts'

const scope = { account: '000000000000', region: 'us-east-1' }

it('opens a folder as a resource with its files', async () => {
  const { resource, collect } = await ${name}.open({ scheme: '${id}', value: join(import.meta.dirname, 'fixtures') }, scope)
  expect([resource.id, resource.type]).toEqual([join(import.meta.dirname, 'fixtures'), 'OPENINSPECTOR_DIRECTORY'])
  const collected = await collect()
  expect(collected.is).toBe('files')
  const entries = await Array.fromAsync(collected.tree.entries(() => {}))
  expect(entries.map(({ path }) => path)).toEqual(['folder/file.txt'])
})

it('says what it expected where there is nothing', async () => {
  await expect(${name}.open({ scheme: '${id}', value: '/nowhere/at/all' }, scope)).rejects.toThrow(
    '${id}: expected a folder, but there is nothing readable at /nowhere/at/all',
  )
})
`,
    'fixtures/folder/file.txt': 'content\n',
    'README.md': readme(id, 'Source', [
      `Opens \`${id}:PATH\`, a folder of this machine.`,
      'Cannot see what a link out of the folder leads to.',
      'Needs no permission but to read the folder.',
    ]),
  }),
}

function readme(id: string, title: string, facts: readonly string[]): string {
  return `# ${title} ${id}\n\n${facts.map((fact) => `- ${fact}\n`).join('')}`
}
