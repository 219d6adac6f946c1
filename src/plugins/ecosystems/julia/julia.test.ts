import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract } from '../../../../test/contracts/extractor.ts'
import { listed } from '../../../../test/listed.ts'
import { julia } from './index.ts'
import { manifest } from './manifest.ts'
import { project } from './project.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const http = 'pkg:julia/HTTP@1.10.8?uuid=cd3eb016-35fb-5094-929b-558a96fad6f3'
const openssl = 'pkg:julia/OpenSSL@1.4.3?uuid=4d8831e6-92b7-49fb-bdf8-b643e874388c'
const jll = 'pkg:julia/OpenSSL_jll@3.0.14+0?uuid=458c3c95-2e84-50aa-8efc-19380b2a3a95'

extractorContract(manifest, {
  path: 'srv/Manifest.toml',
  content: fixture('Manifest-2.toml'),
  wants: ['Manifest.toml', 'Manifest-v1.11.toml', 'a/JuliaManifest.toml'],
  refuses: ['manifest.toml', 'Manifest.toml.bak', 'MyManifest.toml', 'Project.toml'],
})
extractorContract(project, {
  path: 'root/.julia/packages/HTTP/sJD5V/Project.toml',
  content: fixture('Project.toml'),
  wants: ['Project.toml', 'JuliaProject.toml'],
  refuses: ['project.toml', 'Project.toml.bak', 'MyProject.toml'],
})

describe('Manifest.toml', () => {
  it('of format 2 names packages with their uuid, and not what Julia brings itself', async () => {
    const files = {
      'a/Project.toml': '[deps]\nHTTP = "cd3eb016-35fb-5094-929b-558a96fad6f3"\n[extras]\nTwice = "aaaaaaaa-0000-0000-0000-000000000001"\n',
    }
    expect(await listed(manifest, 'a/Manifest.toml', fixture('Manifest-2.toml'), files)).toEqual({
      list: [
        [http, 'runtime', 'direct', openssl],
        [openssl, undefined, jll],
        [jll, undefined],
        ['pkg:julia/Twice@1.0.0?uuid=aaaaaaaa-0000-0000-0000-000000000001', 'dev', 'direct', http],
      ],
      gaps: [],
    })
  })
  it('of format 1 has them at its top', async () => {
    expect(await listed(manifest, 'Manifest.toml', fixture('Manifest-1.toml'))).toEqual({
      list: [['pkg:julia/Example@0.5.3?uuid=7876af07-990d-54b4-ab0e-23690620f79a', undefined]],
      gaps: [],
    })
  })
  it.each([
    ['', []],
    ['[package]\nname = "of another tool"', []],
    ['manifest_format = "3.0"', ['expected manifest_format 1 or 2, got "3.0"']],
    ['manifest_format = "2.0"\n[deps]\na = 1', []],
    ['[[a]]\nversion = "1"', []],
    ['[[a]]\nversion = "1"\nuuid = "x"', ['"a": expected the uuid and the version of a Julia package']],
    ['a = [1]', []],
    ['manifest_format = "2.0"\n[deps]\na = [1]', ['"a": expected the uuid and the version of a Julia package']],
    ['[[__proto__]]\nversion = "1"\nuuid = "x"', ['"__proto__": expected the uuid and the version of a Julia package']],
  ])('reads %j', async (content, gaps) => expect(await listed(manifest, 'Manifest.toml', content)).toEqual({ list: [], gaps }))
})

describe('Project.toml', () => {
  it('in a depot is an installed package', async () => {
    expect(await listed(project, 'root/.julia/packages/HTTP/sJD5V/Project.toml', fixture('Project.toml'))).toEqual({
      list: [[http, undefined]],
      gaps: [],
    })
    expect(await listed(project, 'packages/HTTP/sJD5V/Project.toml', 'name = "HTTP"')).toEqual({
      list: [],
      gaps: ['expected the name, the uuid and the version of a Julia package'],
    })
  })
  it('of a project declares what it asks for, where no manifest lies beside it', async () => {
    expect(await listed(project, 'a/Project.toml', fixture('Project.toml'))).toEqual({
      list: [
        ['pkg:julia/Base64?uuid=2a0f44e3-6c83-55bd-87e4-b1978d98bd5f', 'declared', 'direct'],
        ['pkg:julia/OpenSSL?uuid=4d8831e6-92b7-49fb-bdf8-b643e874388c', 'declared', 'direct', '1.3'],
        ['pkg:julia/JSON?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6', 'declared', 'direct'],
      ],
      gaps: [],
    })
    expect((await listed(project, 'a/Project.toml', fixture('Project.toml'), { 'a/Manifest.toml': '' })).list).toEqual([])
    expect((await listed(project, 'Project.toml', '[deps]\na = "x"')).gaps).toEqual(['"a": expected a package and its uuid'])
  })
})

describe('Julia advisory key', () => {
  it('is the name', () => {
    expect(julia.advisoryKey({ purl: http, type: 'julia', name: 'HTTP', version: '1.10.8' })).toEqual({
      ecosystem: 'Julia',
      name: 'HTTP',
      version: '1.10.8',
    })
  })
})
