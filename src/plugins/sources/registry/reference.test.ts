import { expect, it } from 'vitest'
import { parseReference, referenceWords } from './reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

it.each([
  ['alpine', { host: 'docker.io', name: 'library/alpine', tag: 'latest' }],
  ['alpine:3.20', { host: 'docker.io', name: 'library/alpine', tag: '3.20' }],
  ['docker.io/alpine', { host: 'docker.io', name: 'library/alpine', tag: 'latest' }],
  ['index.docker.io/grafana/grafana:11', { host: 'docker.io', name: 'grafana/grafana', tag: '11' }],
  ['grafana/grafana', { host: 'docker.io', name: 'grafana/grafana', tag: 'latest' }],
  ['localhost/app', { host: 'localhost', name: 'app', tag: 'latest' }],
  ['registry.example.org:5000/team/app_x/a--b:v1.0_rc', { host: 'registry.example.org:5000', name: 'team/app_x/a--b', tag: 'v1.0_rc' }],
  ['[::1]:5000/app', { host: '[::1]:5000', name: 'app', tag: 'latest' }],
  ['Registry.Example.ORG/app', { host: 'registry.example.org', name: 'app', tag: 'latest' }],
  [`ghcr.io/org/app@${digest}`, { host: 'ghcr.io', name: 'org/app', digest }],
  [`ghcr.io/org/app:1@${digest}`, { host: 'ghcr.io', name: 'org/app', tag: '1', digest }],
  [
    'alpine?platform=linux/arm/v7',
    { host: 'docker.io', name: 'library/alpine', tag: 'latest', platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
  ],
  ['alpine:3?platform=all', { host: 'docker.io', name: 'library/alpine', tag: '3', platform: 'all' }],
  [
    'alpine:3?platform=linux/arm64',
    { host: 'docker.io', name: 'library/alpine', tag: '3', platform: { os: 'linux', architecture: 'arm64' } },
  ],
])('reads %s', (text, expected) => {
  expect(parseReference(text)).toEqual(expected)
})

it.each([
  [''],
  ['Alpine'],
  ['a//b'],
  ['a/../b'],
  ['app:'],
  ['app:-x'],
  ['host.example.org/'],
  ['-host.example.org/app'],
  ['host.example.org:123456/app'],
  ['host.example.org:99999/app'],
  ['1.2.3.999/app'],
  ['[::::]/app'],
  ['https://host.example.org/app'],
  [`${'a/'.repeat(200)}a`],
  [`${'a-'.repeat(100_000)}`],
])('refuses %j', (text) => {
  expect(() => parseReference(text.slice(0, 200_000))).toThrow(/^registry: expected \[HOST\[:PORT\]\/\]NAME/)
})

it.each(['alpine?', 'alpine?platform=linux', 'alpine?platform=linux/arm64&x=1', 'alpine?tag=1', 'alpine?platform=all/amd64/v1/x'])(
  'refuses %s',
  (text) => {
    expect(() => parseReference(text)).toThrow('registry: expected ?platform=OS/ARCH[/VARIANT]')
  },
)

it('never says a password again', () => {
  const refused = () => parseReference('ann:hunter2@registry.example.org/app')
  expect(refused).toThrow('users and passwords are no part of a target')
  expect(refused).not.toThrow('hunter2')
})

it('is written as it is meant', () => {
  expect(referenceWords(parseReference('alpine'))).toBe('docker.io/library/alpine:latest')
  expect(referenceWords(parseReference('Registry/app'))).toBe('REGISTRY/app:latest')
  expect(parseReference('REGISTRY/app')).toEqual(parseReference('Registry/app'))
  expect(referenceWords(parseReference(`alpine@${digest}`))).toBe(`docker.io/library/alpine@${digest}`)
})
