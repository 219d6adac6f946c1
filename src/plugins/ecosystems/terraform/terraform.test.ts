import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { lockFile } from './lock-file.ts'

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/lock.hcl'), 'utf8')
const path = '.terraform.lock.hcl'
const read = (text: string) => lockFile.read(fileOf(path, text))

extractorContract(lockFile, {
  path: 'infra/.terraform.lock.hcl',
  content: fixture,
  wants: [path],
  refuses: ['terraform.lock.hcl', 'main.tf'],
})

describe('.terraform.lock.hcl', () => {
  it('reads providers with their versions and the digests of their archives', async () => {
    expect(await read(fixture)).toEqual({
      occurrences: [
        {
          component: {
            purl: 'pkg:terraform/registry.terraform.io/hashicorp/aws@5.25.0',
            ...{ type: 'terraform', name: 'registry.terraform.io/hashicorp/aws', version: '5.25.0' },
          },
          ...{ at: { path }, extractor: 'terraform/lock-file', hashes: [`sha256:${'a1'.repeat(32)}`] },
        },
        {
          component: {
            purl: 'pkg:terraform/registry.example.org%3A8443/team/own@1.0.0-beta.1',
            ...{ type: 'terraform', name: 'registry.example.org:8443/team/own', version: '1.0.0-beta.1' },
          },
          ...{ at: { path }, extractor: 'terraform/lock-file' },
        },
      ],
      gaps: [],
    })
  })
  it('is empty where no provider is selected', async () => expect(await read('# nothing\n')).toEqual({ occurrences: [], gaps: [] }))
  it.each([
    ['x', 'line 1: expected a provider, got "x"'],
    ['provider "a/b/c" {', 'line 1: expected the end of the provider, got the end of the file'],
    ['provider "a/b/c" {\n}', 'line 1: expected a provider "host/namespace/name" with its version, got "a/b/c"'],
    ['provider "aws" {\n  version = "1"\n}', 'line 1: expected a provider "host/namespace/name" with its version, got "aws"'],
    ['<<<<<<< HEAD', 'line 1: expected a provider, got "<<<<<<< HEAD"'],
  ])('tells what is wrong with %j', async (text, reason) => expect((await read(text)).gaps.map((gap) => gap.reason)).toEqual([reason]))
})
