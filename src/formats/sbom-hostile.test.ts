import { expect, it } from 'vitest'
import { readSbom } from './sbom.ts'

const many = `${'{},'.repeat(1_000_000)}{}`

it.each([
  ['CycloneDX', `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${many}]}`],
  ['nested CycloneDX', `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a","components":[${many}]}]}`],
  ['SPDX', `{"spdxVersion":"SPDX-2.3","packages":[${many}]}`],
])('refuses %s of more components than can be held', (_, text) =>
  expect(readSbom(text, 'x.json')).rejects.toThrow('x.json lists more than 1000000 components: not read'),
)

it('reads components inside one another however deep, and keeps paths of any shape as text', async () => {
  const deep = 20_000
  const head = '{"bomFormat":"CycloneDX","specVersion":"1.6","components":'
  const nested = `${head}${'[{"name":"a","components":'.repeat(deep)}[{"name":"x","purl":"pkg:npm/x@1"}]${'}]'.repeat(deep)}}`
  expect((await readSbom(nested, 'x.json')).occurrences.map(({ component }) => component.purl)).toEqual(['pkg:npm/x@1'])
  const placed = ['../../etc/passwd', '/', '/etc/passwd'].map((location) => ({ location }))
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: [{ name: 'x', purl: 'pkg:npm/x@1', evidence: { occurrences: placed } }],
  }
  expect((await readSbom(JSON.stringify(document), 'x.json')).occurrences.map(({ at }) => at.path)).toEqual([
    '../../etc/passwd',
    'etc/passwd',
  ])
})

it.each([
  ['cut', '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a"', 'x.json is not JSON'],
  ['empty', '', 'x.json is not JSON'],
  ['not an object', '[1]', 'x.json is no SBOM we know'],
])('refuses what is %s', (_, text, words) => expect(readSbom(text, 'x.json')).rejects.toThrow(words))
