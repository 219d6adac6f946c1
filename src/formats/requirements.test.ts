import { expect, it } from 'vitest'
import { neededBy, type Requiring } from './requirements.ts'

const one = (name: string, requires: string[], provides: string[] = [], files: string[] = []): Requiring => ({
  ...{ purl: `pkg:rpm/${name}@1-1`, name, requires, provides, files },
})
const packages = [
  one('shop', ['libssl.so.3()(64bit)', '/bin/sh', 'bash', 'nothing', 'shop', 'own'], ['own']),
  one('zsh', [], ['own'], ['bin/sh']),
  one('bash', ['libssl.so.3()(64bit)'], ['own'], ['bin/sh']),
  one('openssl-libs', [], ['libssl.so.3()(64bit)']),
]

it('finds packages by name, by what they provide and by their files, the first by name', () => {
  const needs = neededBy(packages)
  expect(packages.map(needs)).toEqual([['pkg:rpm/bash@1-1', 'pkg:rpm/openssl-libs@1-1'], [], ['pkg:rpm/openssl-libs@1-1'], []])
  expect(packages.map(neededBy(packages.toReversed()))).toEqual(packages.map(needs))
})

it('prefers the package of that name to one that provides it', () => {
  const [asking, ...others] = [one('a', ['mail']), one('b', [], ['mail']), one('mail', [])]
  expect(neededBy([asking!, ...others])(asking!)).toEqual(['pkg:rpm/mail@1-1'])
})
