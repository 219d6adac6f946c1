import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { manifest } from './manifest.ts'
import { snapYaml } from './snap-yaml.ts'
import { state } from './state.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const [ABOUT, MADE, STATE] = ['snap/hello/42/meta/snap.yaml', 'snap/hello/42/snap/manifest.yaml', 'var/lib/snapd/state.json']

extractorContract(snapYaml, {
  path: ABOUT,
  content: fixture('snap.yaml'),
  wants: ['meta/snap.yaml'],
  refuses: ['snap.yaml', 'snap/snapcraft.yaml'],
})
extractorContract(manifest, { path: MADE, content: fixture('manifest.yaml'), wants: ['snap/manifest.yaml'], refuses: ['manifest.yaml'] })

describe('a snap', () => {
  it('is told by what it says of itself', async () => {
    expect(await snapYaml.read(fileOf(ABOUT, fixture('snap.yaml')))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:snap/hello@2.10', type: 'snap', name: 'hello', version: '2.10', arch: 'amd64' },
          ...{ at: { path: ABOUT }, extractor: 'snap/snap-yaml', licences: ['GPL-3.0-or-later'] },
        },
      ],
      gaps: [],
      covers: ['snap/hello/42'],
    })
  })
  it('for several architectures has none', async () => {
    const { occurrences } = await snapYaml.read(fileOf(ABOUT, 'name: a\nversion: 1\narchitectures: [amd64, arm64]\nlicense: unset\n'))
    expect(occurrences).toEqual([
      { component: { purl: 'pkg:snap/a@1', type: 'snap', name: 'a', version: '1' }, at: { path: ABOUT }, extractor: 'snap/snap-yaml' },
    ])
  })
  it.each([
    ['[]', 'expected what a snap says of itself'],
    ['name: a b\nversion: 1', 'expected the name and the version of a snap, got "a b" and "1"'],
    ['name: a', 'expected the name and the version of a snap, got "a" and undefined'],
    ['name: a\nversion: [1]', 'expected the name and the version of a snap, got "a" and a list'],
  ])('tells what is wrong with %j', async (text, reason) => {
    expect((await snapYaml.read(fileOf(ABOUT, text))).gaps).toEqual([{ path: ABOUT, extractor: 'snap/snap-yaml', reason }])
  })
})

describe('packages of Ubuntu in a snap', () => {
  it('are of the release of its base, whatever they lie on', async () => {
    const { occurrences, gaps } = await manifest.read(fileOf(MADE, fixture('manifest.yaml')))
    const deb = (name: string, version: string, more = {}) => ({
      ...{ purl: `pkg:deb/ubuntu/${name}@${version}`, type: 'deb', name, version, distro: 'ubuntu:22.04', ...more },
    })
    expect([occurrences.map(({ component }) => component), gaps]).toEqual([
      [deb('libc6', '2.35-0ubuntu3.7'), deb('libssl3', '3.0.2-0ubuntu1.15'), deb('zlib1g', '1:1.2.11.dfsg-2ubuntu9.2', { arch: 'i386' })],
      [],
    ])
  })
  it.each([
    ['primed-stage-packages: [a=1]', 'ubuntu:16.04'],
    ['base: core99\nprimed-stage-packages: [a=1]', 'ubuntu'],
    ['base: __proto__\nprimed-stage-packages: [a=1]', 'ubuntu'],
  ])('%j', async (text, distro) => {
    expect((await manifest.read(fileOf(MADE, text))).occurrences.map(({ component }) => component.distro)).toEqual([distro])
  })
  it.each([
    ['7', ['expected the manifest of a snap']],
    ['parts: {a: {stage-packages: [b, c=1, {d: e}]}}', ['expected "name=version" of a package, got "b"']],
    ['primed-stage-packages: ["../x=1"]', ['expected "name=version" of a package, got "../x=1"']],
  ])('tells what is wrong with %s', async (text, reasons) =>
    expect((await manifest.read(fileOf(MADE, text))).gaps.map(({ reason }) => reason)).toEqual(reasons),
  )
})

describe('what snapd holds installed', () => {
  const read = async (text: string, files = {}, path = STATE) =>
    (await state.read(fileOf(path, text), near(files))).gaps.map(({ reason }) => reason)
  const unmounted = 'the snap mine_two, revision x1, is not mounted here: its version and what is in it are unknown'
  it('is wanted by its place', () => {
    const wanted = (path: string) => state.wants({ path, size: 1, mode: 0o600 })
    expect([STATE, `mnt/${STATE}`, 'state.json', `x${STATE}`].map(wanted)).toEqual([true, true, false, false])
  })
  it('is a gap where it is not mounted', async () => {
    expect(await read(fixture('state.json'), { [ABOUT]: 'x' })).toEqual([unmounted])
    expect(await read(fixture('state.json'), { [`mnt/var/lib/snapd/${ABOUT}`]: 'x' }, `mnt/${STATE}`)).toEqual([unmounted])
  })
  it.each([
    ['[]', ['expected a JSON object with data']],
    ['{"data":{"snaps":[]}}', []],
    ['{"data":{}}', []],
    [
      '{"data":{"snaps":{"a":{},"../b":{"current":"1"}}}}',
      ['expected a snap with its current revision, got "a"', 'expected a snap with its current revision, got "../b"'],
    ],
  ])('tells what is wrong with %s', async (text, reasons) => expect(await read(text)).toEqual(reasons))
})
