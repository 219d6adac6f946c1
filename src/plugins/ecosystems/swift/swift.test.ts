import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { swiftComponent } from './component.ts'
import { packageResolved } from './package-resolved.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const read = (text: string) => packageResolved.read(fileOf('Package.resolved', text))

extractorContract(packageResolved, {
  path: 'app/Package.resolved',
  content: fixture('v3.json'),
  wants: ['Package.resolved', 'A.xcodeproj/project.xcworkspace/xcshareddata/swiftpm/Package.resolved'],
  refuses: ['Package.swift', '.build/checkouts/x/Package.resolved', 'SourcePackages/checkouts/x/Package.resolved'],
})

describe('Package.resolved', () => {
  it('reads version 1, and the commit where no version is resolved', async () => {
    const { occurrences, gaps } = await read(fixture('v1.json'))
    expect(gaps).toEqual([])
    expect(occurrences.map(({ component }) => component.purl)).toEqual([
      'pkg:swift/github.com/apple/swift-nio@2.41.1',
      'pkg:swift/git.example.org/team/sub/trunk@fedcba9876543210fedcba9876543210fedcba98',
    ])
  })
  it('reads version 3, with packages of a registry and without the project’s own', async () => {
    const { occurrences, gaps } = await read(fixture('v3.json'))
    expect(gaps).toEqual([])
    expect(occurrences).toEqual([
      {
        component: {
          purl: 'pkg:swift/github.com/apple/swift-nio-http2@1.19.1',
          ...{ type: 'swift', name: 'github.com/apple/swift-nio-http2', version: '1.19.1' },
        },
        ...{ at: { path: 'Package.resolved' }, extractor: 'swift/package-resolved' },
      },
      {
        component: { purl: 'pkg:swift/mona/linkedlist@1.2.0-beta.1', type: 'swift', name: 'mona/linkedlist', version: '1.2.0-beta.1' },
        ...{ at: { path: 'Package.resolved' }, extractor: 'swift/package-resolved' },
      },
    ])
  })
  it.each([
    ['[]', ['expected a JSON object']],
    ['{"version":9,"pins":[]}', ['expected version 1, 2 or 3, got 9']],
    ['{"version":2}', ['expected a list of pins']],
    ['{"version":2,"pins":[{"location":"x"}]}', ['expected the place and the version of a package, got "{\\"location\\":\\"x\\"}"']],
    ['{"version":2,"pins":[7]}', ['expected the place and the version of a package, got "7"']],
  ])('tells what is wrong with %s', async (text, reasons) => expect((await read(text)).gaps.map(({ reason }) => reason)).toEqual(reasons))
})

describe('the address of a package', () => {
  it.each([
    ['https://github.com/Apple/Swift-NIO.git', 'github.com/apple/swift-nio'],
    ['https://user:secret@example.org:8443/a/b/', 'example.org/a/b'],
    ['ssh://git@github.com/a/b.git', 'github.com/a/b'],
    ['git@github.com:a/b.git', 'github.com/a/b'],
    ['github.com/a/b', 'github.com/a/b'],
  ])('of %s is %s', (address, name) => expect(swiftComponent(address, '1.0.0')?.name).toBe(name))
  it.each(['', 'x', '/srv/x', 'https://', 'https://github.com/../x', 'https://github.com/a b'])('%j is none', (address) =>
    expect(swiftComponent(address, '1.0.0')).toBeUndefined(),
  )
})
