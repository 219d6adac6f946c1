import { expect, it } from 'vitest'
import { readSbom } from './sbom.ts'

const many = `${'{},'.repeat(1_000_000)}{}`

it.each([
  ['CycloneDX', `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${many}]}`],
  ['nested CycloneDX', `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a","components":[${many}]}]}`],
  ['SPDX', `{"spdxVersion":"SPDX-2.3","packages":[${many}]}`],
])('refuses %s of more components than can be held', (_, text) =>
  expect(() => readSbom(text, 'x.json')).toThrow('x.json lists more than 1000000 components: not read'),
)
