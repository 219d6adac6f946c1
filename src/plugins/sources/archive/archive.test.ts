import { gzipSync } from 'node:zlib'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tarOf } from '../../../../test/archives.ts'
import { zipOf } from '../../../../test/zip.ts'
import { extractTree } from '../../../core/extraction/index.ts'
import { npm } from '../../ecosystems/npm/index.ts'
import { archive } from './index.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-archive-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const entries = [{ name: 'shop-1.0/node_modules/left-pad/package.json', content: '{"name":"left-pad","version":"1.3.0"}' }]

it.each([
  ['shop.tar', () => tarOf(entries)],
  ['shop.tgz', async () => gzipSync(await tarOf(entries))],
  ['shop.zip', async () => zipOf(entries)],
])('lists what is in %s', async (name, made) => {
  const path = join(folder, name)
  await writeFile(path, await made())
  const opened = await archive.open({ scheme: 'archive', value: path }, { account: '000000000000', region: 'us-east-1' })
  const collected = await opened.collect()
  const { occurrences, gaps } = await extractTree(collected.tree, npm.extractors)
  await opened.close()
  expect(opened.resource).toEqual({
    arn: `urn:openinspector:archive:${hostname()}:${path}`,
    id: path,
    type: 'OPENINSPECTOR_DIRECTORY',
    account: '000000000000',
    region: 'us-east-1',
    tags: {},
    facts: { hostname: hostname(), path },
  })
  expect([gaps, opened.watch]).toEqual([[], [path]])
  expect(occurrences.map(({ component, at }) => [component.purl, at])).toEqual([
    ['pkg:npm/left-pad@1.3.0', { path: 'shop-1.0/node_modules/left-pad/package.json' }],
  ])
})
