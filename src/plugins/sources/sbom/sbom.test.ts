import { mkdtemp, realpath, rm, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sbom } from './index.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'oi-sbom-')))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})
const open = (value: string) => sbom.open({ scheme: 'sbom', value }, scope)

it.each([
  ['container', 'OPENINSPECTOR_CONTAINER_IMAGE'],
  ['device', 'OPENINSPECTOR_HOST'],
  ['application', 'OPENINSPECTOR_DIRECTORY'],
])('an SBOM about a %s is a resource of type %s', async (type, resourceType) => {
  const file = join(folder, 'bom.json')
  const components = [{ type: 'library', name: 'a', purl: 'pkg:npm/a@1.0.0' }]
  await writeFile(
    file,
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.4', metadata: { component: { type, name: 'demo' } }, components }),
  )
  const { resource, watch, collect } = await open(file)
  expect(resource).toEqual({
    ...{ arn: `urn:openinspector:sbom:${encodeURIComponent(hostname())}:${file}`, id: 'demo', type: resourceType },
    ...{ account: '000000000000', region: 'us-east-1', tags: {}, facts: { path: file } },
  })
  expect(watch).toEqual([file])
  expect(await collect()).toEqual({
    is: 'components',
    occurrences: [
      { component: { purl: 'pkg:npm/a@1.0.0', type: 'npm', name: 'a', version: '1.0.0' }, at: { path: 'bom.json!/a' }, extractor: 'sbom' },
    ],
    gaps: [],
  })
})

it('refuses what is not there, no file, no SBOM, or too large', async () => {
  await expect(open(join(folder, 'absent.json'))).rejects.toThrow('sbom: there is nothing readable at')
  await expect(open(folder)).rejects.toThrow('expected a regular file at')
  await writeFile(join(folder, 'x.json'), '[]')
  await expect(open(join(folder, 'x.json'))).rejects.toThrow('x.json is no SBOM we know')
  await truncate(join(folder, 'x.json'), 300 << 20)
  await expect(open(join(folder, 'x.json'))).rejects.toThrow('is too large: 314572800 bytes or more, at most 67108864 are read')
})

it('parses the document as a reading, so that its time and memory are bounded', async () => {
  const file = join(folder, 'bom.json')
  await writeFile(file, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.4', components: [] }))
  const readings: object[] = []
  await sbom.open(
    { scheme: 'sbom', value: file },
    {
      ...scope,
      reader: async (reading, read) => {
        readings.push(reading)
        return await read()
      },
    },
  )
  expect(readings).toEqual([{ extractor: 'sbom', path: 'bom.json' }])
})

/** Package, place, scope, whether it is direct, what it needs, how many digests. */
type Listed = readonly [string, string, string | undefined, true | undefined, readonly string[] | undefined, number | undefined]
const [types, debug, number, ms] = [
  'pkg:npm/%40types/ms@2.1.0',
  'pkg:npm/debug@4.4.3',
  'pkg:npm/is-number@7.0.0',
  'pkg:npm/ms@2.1.3',
] as const

it.each<[string, readonly Listed[]]>([
  [
    'npm.cdx.json',
    [
      [types, 'npm.cdx.json!/@types/ms', 'dev', true, undefined, 1],
      [debug, 'npm.cdx.json!/debug', undefined, true, [ms], 1],
      [number, 'npm.cdx.json!/is-number', 'dev', true, undefined, 1],
      [ms, 'npm.cdx.json!/ms', undefined, undefined, undefined, 1],
    ],
  ],
  [
    'npm.spdx.json',
    [
      // SPDX has no word for a package that was never published.
      ['pkg:npm/tiny@1.0.0', 'npm.spdx.json!/tiny', undefined, undefined, [types, debug, number], undefined],
      [types, 'node_modules/@types/ms', 'dev', true, undefined, 1],
      [debug, 'node_modules/debug', undefined, true, [ms], 1],
      [number, 'node_modules/is-number', 'dev', true, undefined, 1],
      [ms, 'node_modules/ms', undefined, undefined, undefined, 1],
    ],
  ],
  [
    'cyclonedx-npm.xml',
    [
      [types, 'node_modules/@types/ms', 'dev', true, undefined, undefined],
      [debug, 'node_modules/debug', undefined, true, [ms], undefined],
      [number, 'node_modules/is-number', 'dev', true, undefined, undefined],
      [ms, 'node_modules/ms', undefined, undefined, undefined, undefined],
    ],
  ],
  [
    'cdxgen.json',
    [
      [debug, 'package-lock.json', undefined, true, [ms], 1],
      [ms, 'package-lock.json', undefined, undefined, undefined, 1],
      [types, 'package-lock.json', 'optional', true, undefined, 1],
      [number, 'package-lock.json', 'optional', true, undefined, 1],
    ],
  ],
])('reads what other programs wrote of one lockfile: %s', async (name, expected) => {
  const { occurrences, gaps } = await (await open(join(import.meta.dirname, 'fixtures', name))).collect()
  expect(gaps).toEqual([])
  expect(occurrences.map(({ licences }) => licences)).toEqual(expected.map(() => ['MIT']))
  expect(
    occurrences.map(({ component, at, scope, direct, dependsOn, hashes }) => [
      component.purl,
      at.path,
      scope,
      direct,
      dependsOn,
      hashes?.length,
    ]),
  ).toEqual(expected)
})
