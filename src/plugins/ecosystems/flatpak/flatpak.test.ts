import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { readDeployData } from './deploy-data.ts'
import { deployed } from './deployed.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name))
const ROOT = 'var/lib/flatpak'
const APP = `${ROOT}/app/org.example.Viewer/x86_64/stable/e311fe49a5e7ddb44aa40ebcb262efefd1b32ce9cb3cbdc36de8808b717e185f`
const RUNTIME = `${ROOT}/runtime/org.example.Platform/x86_64/23.08/2aa45474645770cb9a657c0fa316b1152751e3b8401af2ee3763fda7e5fb188d`
const beside = (files: Readonly<Record<string, string | Uint8Array>> = {}) => ({
  open: async (path: string) => (Object.hasOwn(files, path) ? fileOf(path, files[path] ?? '') : undefined),
})
const read = (path: string, content: Uint8Array, files = {}) => deployed.read(fileOf(path, content), beside(files))
const platform = {
  purl: 'pkg:flatpak/org.example.Platform@23.08',
  type: 'flatpak',
  name: 'org.example.Platform',
  version: '23.08',
  arch: 'x86_64',
}
/** Without what the remote's catalogue said. */
const uncatalogued = Buffer.from(fixture('app.deploy').toString('latin1').replace('appdata-version', 'appdata-varsion'), 'latin1')
const METAINFO = `${APP}/files/share/metainfo/org.example.Viewer.metainfo.xml`

extractorContract(deployed, {
  path: `${APP}/deploy`,
  content: fixture('app.deploy'),
  wants: [`home/a/.local/share/flatpak/${RUNTIME.slice(ROOT.length + 1)}/deploy`],
  refuses: [`${ROOT}/app/a/b/c/active/deploy`, `${APP}/metadata`, `${APP}/files/deploy`],
})

describe('what Flatpak deployed', () => {
  it('an application, with its runtime', async () => {
    expect(await read(`${APP}/deploy`, fixture('app.deploy'))).toEqual({
      occurrences: [
        {
          component: {
            ...{
              purl: 'pkg:flatpak/org.example.Viewer@46.1',
              type: 'flatpak',
              name: 'org.example.Viewer',
              version: '46.1',
              arch: 'x86_64',
            },
          },
          ...{ at: { path: `${APP}/deploy` }, extractor: 'flatpak/deployed', direct: true },
          ...{ dependsOn: [platform.purl], licences: ['GPL-3.0-or-later'] },
        },
      ],
      gaps: [],
      covers: true,
    })
  })
  it('a runtime, by its branch', async () => {
    expect(await read(`${RUNTIME}/deploy`, fixture('runtime.deploy'))).toEqual({
      occurrences: [{ component: platform, at: { path: `${RUNTIME}/deploy` }, extractor: 'flatpak/deployed' }],
      gaps: [],
      covers: true,
    })
  })
  it.each<[string, Record<string, string | Uint8Array>, string, readonly string[]]>([
    ['its newest release', { [METAINFO]: fixture('viewer.metainfo.xml') }, '46.1', []],
    [
      'its commit where it tells no release',
      { [METAINFO]: '<component/>' },
      'e311fe49a5e7ddb44aa40ebcb262efefd1b32ce9cb3cbdc36de8808b717e185f',
      [],
    ],
    ['its commit where nothing tells', {}, 'e311fe49a5e7ddb44aa40ebcb262efefd1b32ce9cb3cbdc36de8808b717e185f', []],
    [
      'its commit, and what cannot be read',
      { [METAINFO]: '<component>' },
      'e311fe49a5e7ddb44aa40ebcb262efefd1b32ce9cb3cbdc36de8808b717e185f',
      ['files/share/metainfo/org.example.Viewer.metainfo.xml cannot be read: the version of the application is unknown'],
    ],
    [
      'its commit, and what is no version',
      { [METAINFO]: '<component><releases><release version="4 6"/></releases></component>' },
      'e311fe49a5e7ddb44aa40ebcb262efefd1b32ce9cb3cbdc36de8808b717e185f',
      ['expected a version in one word, got "4 6"'],
    ],
  ])('an application of no catalogue: %s', async (_, files, version, reasons) => {
    const { occurrences, gaps } = await read(`${APP}/deploy`, uncatalogued, files)
    expect([occurrences.map(({ component }) => component.version), gaps.map(({ reason }) => reason)]).toEqual([[version], reasons])
  })
  it.each([
    [`${APP}/deploy`, Buffer.from('x'), 'expected what flatpak writes of a deployment'],
    [
      `${APP}/deploy`,
      fixture('runtime.deploy'),
      'expected the deployment of the commit in the path, got "2aa45474645770cb9a657c0fa316b1152751e3b8401af2ee3763fda7e5fb188d"',
    ],
    [
      `${APP.replace('org.example.Viewer', 'a b')}/deploy`,
      fixture('app.deploy'),
      'expected a name, an architecture and a branch in the path, got "a b/x86_64/stable"',
    ],
  ])('says what is wrong at %s', async (path, content, reason) =>
    expect(await read(path, content)).toEqual({ occurrences: [], gaps: [{ path, extractor: 'flatpak/deployed', reason }] }),
  )
})

describe('deploy data', () => {
  it('is told by key, and only where the key is one', () => {
    const data = readDeployData(fixture('app.deploy'))
    expect([data?.origin, data?.text('appdata-name'), data?.text('data-version'), data?.text('timestamp')]).toEqual([
      'local',
      'Viewer',
      undefined,
      undefined,
    ])
  })
  it('in no encoding but UTF-8 is none', () => expect(readDeployData(Buffer.from('\xff\0', 'latin1'))).toBe(undefined))
})
