import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { podfileLock } from './podfile-lock.ts'

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/Podfile.lock'), 'utf8')
const read = (text: string) => podfileLock.read(fileOf('Podfile.lock', text))

extractorContract(podfileLock, {
  path: 'app/Podfile.lock',
  content: fixture,
  wants: ['Podfile.lock', 'ios/Pods/Manifest.lock'],
  refuses: ['Podfile', 'Manifest.lock', 'Pods/X/Example/Podfile.lock'],
})

describe('Podfile.lock', () => {
  it('reads pods once, who asked for them, what they need', async () => {
    const { occurrences, gaps } = await read(fixture)
    expect(gaps).toEqual([])
    const pod = (name: string, version: string, more: object = {}) => ({
      component: { purl: `pkg:cocoapods/${name}@${version}`, type: 'cocoapods', name, version },
      ...{ at: { path: 'Podfile.lock' }, extractor: 'cocoapods/podfile-lock', ...more },
    })
    expect(occurrences).toEqual([
      pod('AFNetworking', '4.0.1', {
        direct: true,
        dependsOn: ['pkg:cocoapods/Security@2.0.0-beta.1'],
      }),
      pod('FromGit', '1.10', { direct: true }),
      pod('Security', '2.0.0-beta.1'),
    ])
  })
  it('is empty for a project without pods', async () => expect(await read('COCOAPODS: 1.15.2\n')).toEqual({ occurrences: [], gaps: [] }))
  it.each([
    ['[]', 'expected a map of names'],
    ['PODS: x', 'expected a list of PODS'],
    ['PODS: [x]', 'expected "name (version)", got "\\"x\\""'],
    ['PODS: ["../x (1.0)"]', 'expected "name (version)", got "\\"../x (1.0)\\""'],
    ['PODS: [[]]', 'expected "name (version)", got "[]"'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})
