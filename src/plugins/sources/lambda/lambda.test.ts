import { createHash } from 'node:crypto'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { zipOf, type Packed } from '../../../../test/zip.ts'
import { extractTree } from '../../../core/extraction/index.ts'
import { npm } from '../../ecosystems/npm/index.ts'
import { lambda } from './index.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-lambda-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const scope = { account: '000000000000', region: 'us-east-1' }
const packed = (path: string, name: string, version: string): Packed => ({
  name: `${path}/node_modules/${name}/package.json`,
  content: JSON.stringify({ name, version }),
})
async function put(name: string, entries: readonly Packed[]): Promise<string> {
  await writeFile(join(folder, name), zipOf(entries))
  return join(folder, name)
}

it('tells files where the function sees them, the last layer first', async () => {
  const code = await put('code.zip', [packed('.', 'left-pad', '1.3.0'), { name: '../outside', content: '' }])
  const first = await put('first.zip', [packed('nodejs', 'right-pad', '1.0.0'), packed('nodejs', 'semver', '7.0.0')])
  const second = await put('second.zip', [packed('nodejs', 'right-pad', '1.0.1')])
  const opened = await lambda.open({ scheme: 'lambda', value: [code, first, second].join(',') }, scope)
  const { occurrences, gaps } = await extractTree((await opened.collect()).tree, npm.extractors)
  await opened.close()
  expect(occurrences.map(({ component, at }) => [component.purl, at.path])).toEqual([
    ['pkg:npm/left-pad@1.3.0', 'var/task/node_modules/left-pad/package.json'],
    ['pkg:npm/right-pad@1.0.1', 'opt/nodejs/node_modules/right-pad/package.json'],
    ['pkg:npm/semver@7.0.0', 'opt/nodejs/node_modules/semver/package.json'],
  ])
  expect(gaps).toEqual([{ path: 'var/task/../outside', extractor: 'tree', reason: 'its path leads out of the archive: not looked at' }])
  const codeSha256 = createHash('sha256')
    .update(zipOf([packed('.', 'left-pad', '1.3.0'), { name: '../outside', content: '' }]))
    .digest('base64')
  expect([opened.resource.id, opened.resource.facts.lambda]).toEqual([code, { packageType: 'ZIP', codeSha256, layers: [first, second] }])
})

it('refuses what is no zip', async () => {
  await writeFile(join(folder, 'code.tar'), '')
  const refused = (value: string) => expect(lambda.open({ scheme: 'lambda', value }, scope)).rejects
  await refused(join(folder, 'code.tar')).toThrow('lambda: expected a .zip (or .jar) at')
  await refused(join(folder, 'absent.zip')).toThrow('there is nothing readable at')
  await writeFile(join(folder, 'bad.zip'), 'not a zip')
  await refused(join(folder, 'bad.zip')).toThrow('is not a zip archive')
})
