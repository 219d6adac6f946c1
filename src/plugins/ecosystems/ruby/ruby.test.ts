import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { gemfileLock } from './gemfile-lock.ts'
import { installed } from './installed.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const lock = (text: string) => gemfileLock.read(fileOf('Gemfile.lock', text))

extractorContract(gemfileLock, {
  path: 'srv/app/Gemfile.lock',
  content: fixture('Gemfile.lock'),
  wants: ['Gemfile.lock', 'gems.locked', 'app/gems.locked'],
  refuses: ['Gemfile', 'Gemfile.lock.bak', 'var/lib/gems/3.1.0/gems/rack-2.2.3/Gemfile.lock', 'xGemfile.lock'],
})
extractorContract(installed, {
  path: 'var/lib/gems/3.1.0/specifications/rake-13.0.6.gemspec',
  content: fixture('rake.gemspec'),
  wants: [
    'specifications/rake-13.0.6.gemspec',
    'usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec',
    'app/vendor/bundle/ruby/3.1.0/specifications/rack-2.2.3.gemspec',
  ],
  refuses: ['rake.gemspec', 'gems/rake-13.0.6/rake.gemspec', 'specifications/default/x/y.gemspec', 'myspecifications/x.gemspec'],
})

describe('Gemfile.lock', () => {
  it('reads gems of servers and of git, each once, with what they need and their digests', async () => {
    const { occurrences, gaps } = await lock(fixture('Gemfile.lock'))
    const gem = (name: string, version: string, more: object = {}) => ({
      component: { purl: `pkg:gem/${name}@${version}`, type: 'gem', name, version },
      ...{ at: { path: 'Gemfile.lock' }, extractor: 'ruby/gemfile-lock', ...more },
    })
    expect(gaps).toEqual([])
    expect(occurrences).toEqual([
      gem('tool', '0.3.1', { direct: true, dependsOn: ['pkg:gem/rack@2.2.3'] }),
      gem('mini_portile2', '2.8.2'),
      gem('nokogiri', '1.13.3', {
        direct: true,
        dependsOn: ['pkg:gem/mini_portile2@2.8.2', 'pkg:gem/racc@1.7.1'],
        hashes: [
          'sha256:6d46a0f1d4e6c2f0ff6ec1d1a4c2dbb2d4a1d5e7b9c8a7f6e5d4c3b2a1908070',
          'sha256:bf1b1bceff910abb0b7ad825535951101a0361b859c2ad1be155c010081ecbdc',
        ],
      }),
      gem('racc', '1.7.1'),
      gem('rack', '2.2.3'),
      gem('rspec', '4.0.0.beta1', { direct: true }),
    ])
  })

  it.each([
    ['GEM\n  specs:\n    rack\n', 'line 3: expected "name (version)", got "rack"'],
    ['GEM\n  specs:\n    rack (x)\n', 'line 3: expected the name and the version of a gem, got "rack"'],
    ['GEM\n  specs:\n    ../rack (1.0)\n', 'line 3: expected the name and the version of a gem, got "../rack"'],
    ['DEPENDENCIES\n  rack\n', 'no gem is listed, though the project asks for some'],
    ['<<<<<<< HEAD\n', 'line 1: a merge conflict that is not resolved'],
  ])('tells what is wrong with %j', async (text, reason) => {
    expect(await lock(text)).toEqual({ occurrences: [], gaps: [{ path: 'Gemfile.lock', extractor: 'ruby/gemfile-lock', reason }] })
  })

  it('reads lines that end as on Windows', async () => {
    const { occurrences } = await lock('GEM\r\n  specs:\r\n    rack (2.2.3)\r\n\r\nDEPENDENCIES\r\n  rack\r\n')
    expect(occurrences.map(({ component, direct }) => [component.purl, direct])).toEqual([['pkg:gem/rack@2.2.3', true]])
  })
})

describe('installed gems', () => {
  const path = 'specifications/x.gemspec'
  it('reads name, version and licences', async () => {
    expect(await installed.read(fileOf(path, fixture('rake.gemspec')))).toEqual({
      occurrences: [
        {
          component: { purl: 'pkg:gem/rake@13.0.6', type: 'gem', name: 'rake', version: '13.0.6' },
          ...{ at: { path }, extractor: 'ruby/installed', licences: ['MIT', 'Ruby'] },
        },
      ],
      gaps: [],
    })
  })
  it('reads the fields where there is no stub, as older RubyGems wrote it', async () => {
    const text = 'Gem::Specification.new do |s|\n  s.name = "json"\n  s.version = "2.6.1"\nend\n'
    const { occurrences } = await installed.read(fileOf(path, text))
    expect(occurrences.map(({ component }) => component.purl)).toEqual(['pkg:gem/json@2.6.1'])
  })
  it('does not guess what a specification computes', async () => {
    const text = 'Gem::Specification.new do |s|\n  s.name = "x"\n  s.version = X::VERSION\nend\n'
    const reason = 'expected a specification as RubyGems writes it, with the name and the version of a gem'
    expect(await installed.read(fileOf(path, text))).toEqual({ occurrences: [], gaps: [{ path, extractor: 'ruby/installed', reason }] })
  })
})
