import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extractor } from '../../../model/seams.ts'
import { depsJson } from './deps-json.ts'
import { dotnet } from './index.ts'
import { nuspec } from './nuspec.ts'
import { packagesConfig } from './packages-config.ts'
import { packagesLock } from './packages-lock.ts'
import { projectAssets } from './project-assets.ts'
import { projectFile } from './project-file.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const config = '<?xml version="1.0"?><packages><package id="jQuery" version="3.1.1" targetFramework="net46" /></packages>'
const project = '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="Dapper" Version="2.0.123" /></ItemGroup></Project>'
const spec =
  '<package><metadata><id>Dapper</id><version>2.0.123</version><license type="expression">Apache-2.0</license></metadata></package>'
const hash =
  'sha512:ad32b4b3610a95f1ec42c1fa631dac9af71309eca80cd8025bb144632574d5dacf961d93db8dcf4760e20d7aad0b93781839b831afe59317d6e5aff8efddef6c'

extractorContract(packagesLock, {
  path: 'src/shop/packages.lock.json',
  content: fixture('packages.lock.json'),
  wants: ['packages.lock.json', 'packages.shop.lock.json'],
  refuses: ['package-lock.json', 'mypackages.lock.json', 'packages.lock.json.bak'],
})
extractorContract(depsJson, {
  path: 'app/shop.deps.json',
  content: fixture('shop.deps.json'),
  wants: ['x.deps.json'],
  refuses: ['deps.json', 'app/deps.json'],
})
extractorContract(projectAssets, {
  path: 'src/shop/obj/project.assets.json',
  content: fixture('project.assets.json'),
  wants: ['project.assets.json'],
  refuses: ['myproject.assets.json'],
})
extractorContract(packagesConfig, {
  path: 'web/packages.config',
  content: config,
  wants: ['Packages.config', 'packages.web.config'],
  refuses: ['web.config'],
})
extractorContract(projectFile, {
  path: 'src/shop.csproj',
  content: project,
  wants: ['a.fsproj', 'b.vbproj', 'Directory.Packages.props', 'src/Directory.Build.props', 'directory.build.targets'],
  refuses: ['a.sln', 'My.Directory.Packages.props', 'a.csproj.user'],
})
extractorContract(nuspec, {
  path: 'root/.nuget/packages/dapper/2.0.123/dapper.nuspec',
  content: spec,
  wants: ['web/packages/jQuery.3.1.1/jQuery.nuspec'],
  refuses: ['src/dapper.nuspec', 'packages/dapper/dapper.nuspec'],
})

/** Package, then what else is known, in short. */
const short = async (extractor: Extractor, path: string, content: string, files: Record<string, string> = {}) => {
  const { occurrences, gaps } = await extractor.read(fileOf(path, content), near(files))
  const rows = occurrences.map(({ component, at: _, extractor: __, ...more }) => [component.purl.slice('pkg:nuget/'.length), more])
  return { rows, gaps: gaps.map(({ reason }) => reason) }
}

describe('what NuGet resolved', () => {
  it('reads packages.lock.json: each package once, projects left out', async () => {
    expect(await short(packagesLock, 'packages.lock.json', fixture('packages.lock.json'))).toEqual({
      rows: [
        ['Newtonsoft.Json@12.0.2', { direct: true, hashes: [hash] }],
        ['Serilog.Sinks.File@5.0.0', { direct: true, dependsOn: ['pkg:nuget/Serilog@2.10.0'] }],
        ['Serilog@2.10.0', {}],
        ['runtime.native.System@4.3.0', {}],
      ],
      gaps: [],
    })
  })
  it('reads deps.json: packages and runtime packs, also those no target lists', async () => {
    expect(await short(depsJson, 'shop.deps.json', fixture('shop.deps.json'))).toEqual({
      rows: [
        ['Microsoft.NETCore.App.Runtime.linux-x64@6.0.5', {}],
        ['Newtonsoft.Json@12.0.2', { direct: true, hashes: [hash], dependsOn: ['pkg:nuget/System.Memory@4.5.4'] }],
        ['System.Memory@4.5.4', {}],
        ['Humanizer.Core@2.14.1', {}],
      ],
      gaps: [],
    })
  })
  it('reads project.assets.json', async () => {
    expect(await short(projectAssets, 'obj/project.assets.json', fixture('project.assets.json'))).toEqual({
      rows: [
        ['Dapper@2.0.123', { direct: true, hashes: [hash], dependsOn: ['pkg:nuget/System.Reflection.Emit.Lightweight@4.7.0'] }],
        ['System.Reflection.Emit.Lightweight@4.7.0', {}],
      ],
      gaps: [],
    })
  })
  it.each<readonly [Extractor, string, string]>([
    [packagesLock, '[]', 'expected an object with dependencies'],
    [packagesLock, '{"dependencies":{"net6.0":[]}}', 'dependencies: expected an object for "net6.0"'],
    [packagesLock, '{"dependencies":{"net6.0":{"A":{"type":"Direct"}}}}', '"A": expected the name and the version of a NuGet package'],
    [
      packagesLock,
      '{"dependencies":{"net6.0":{"../A":{"resolved":"1.0"}}}}',
      '"../A": expected the name and the version of a NuGet package',
    ],
    [depsJson, '{}', 'expected an object with libraries'],
    [depsJson, '{"libraries":{"A":{"type":"package"}}}', '"A": expected the name and the version of a NuGet package'],
    [projectAssets, '{"targets":7}', 'expected an object with targets'],
    [packagesConfig, '<configuration/>', 'expected packages, got "configuration"'],
    [packagesConfig, '<packages><package id="A" version="1.*"/></packages>', '"A": expected the id and the version of a NuGet package'],
    [projectFile, '<project/>', 'expected Project, got "project"'],
    [nuspec, '<package/>', '"": expected the id and the version of a NuGet package'],
  ])('$id tells what is wrong with %s', async (extractor, text, reason) => {
    expect(await short(extractor, 'x', text)).toEqual({ rows: [], gaps: [reason] })
  })
  it('takes a name as long as it is, and tells the beginning of an endless one', async () => {
    const named = (name: string) =>
      short(packagesLock, 'x', JSON.stringify({ dependencies: { 'net6.0': { [name]: { resolved: '1.0' } } } }))
    expect(await named(`${'a_'.repeat(200)}!`)).toEqual({
      rows: [],
      gaps: [`"${'a_'.repeat(100)}": expected the name and the version of a NuGet package`],
    })
    const { gaps } = await short(packagesLock, 'x', JSON.stringify({ dependencies: { ['x'.repeat(100_000)]: 1 } }))
    expect(gaps).toEqual([`dependencies: expected an object for "${'x'.repeat(200)}"`])
    const inside = await short(packagesLock, 'x', JSON.stringify({ dependencies: { ['x'.repeat(100_000)]: { A: 1 } } }))
    expect(inside.gaps).toEqual([`${'x'.repeat(1000)}…`])
  })
})

describe('what a project asks for', () => {
  it('reads packages.config, with what is for development only', async () => {
    const text =
      '<packages><package id="jQuery" version="3.1.1"/><package id="NUnit" version="3.12.0" developmentDependency="true"/></packages>'
    expect((await short(packagesConfig, 'packages.config', text)).rows).toEqual([
      ['jQuery@3.1.1', { scope: 'runtime' }],
      ['NUnit@3.12.0', { scope: 'dev' }],
    ])
  })
  it('takes a version alone for the one NuGet takes, and nothing else for a version', async () => {
    const item = (attributes: string) => `<PackageReference ${attributes} />`
    const text = `<Project>
      <PropertyGroup><AcmeVersion>1.4.0</AcmeVersion><Base>$(Base)</Base></PropertyGroup>
      <PropertyGroup Condition="'$(TargetFramework)' == 'net48'"><Doubtful>1.0.0</Doubtful></PropertyGroup>
      <ItemGroup>${item('Include="Plain" Version="1.2.3"')}${item('Include="Exact" Version="[2.0.0]"')}
        ${item('Include="Range" Version="[1.0,2.0)"')}${item('Include="Floating" version="1.*"')}
        ${item('Include="Acme.Tool" Version="$(AcmeVersion)"')}${item('Include="Elsewhere" Version="$(Other)"')}
        ${item('Include="Round" Version="$(Base)"')}${item('Include="Some" Version="$(Doubtful)"')}
        <PackageReference Include="Inner"><Version>3.0.0</Version><PrivateAssets>all</PrivateAssets></PackageReference>
        ${item('Include="Nothing"')}
      </ItemGroup></Project>`
    const rows = (await short(projectFile, 'shop.csproj', text)).rows.map(([purl, more]) => [
      purl,
      (more as { requirement?: string }).requirement,
    ])
    expect(rows).toEqual([
      ['Plain@1.2.3', '1.2.3'],
      ['Exact@2.0.0', '[2.0.0]'],
      ['Range', '[1.0,2.0)'],
      ['Floating', '1.*'],
      ['Acme.Tool@1.4.0', '1.4.0'],
      ['Elsewhere', '$(Other)'],
      ['Round', '$(Base)'],
      ['Some', '$(Doubtful)'],
      ['Inner@3.0.0', '3.0.0'],
      ['Nothing', undefined],
    ])
  })
  it('leaves a reference without a version to the central list above it', async () => {
    const text = '<Project><ItemGroup><PackageReference Include="Dapper" /></ItemGroup></Project>'
    const central = '<Project><ItemGroup><PackageVersion Include="Dapper" Version="2.0.123" /></ItemGroup></Project>'
    expect(await short(projectFile, 'src/shop/shop.csproj', text, { 'Directory.Packages.props': central })).toEqual({ rows: [], gaps: [] })
    expect(await short(projectFile, 'Directory.Packages.props', central)).toEqual({
      rows: [['Dapper@2.0.123', { scope: 'declared', requirement: '2.0.123' }]],
      gaps: [],
    })
  })
})

it('judges packages whatever the case of their names', () => {
  const component = { purl: '', type: 'nuget', name: 'Newtonsoft.Json', version: '12.0.2' }
  expect(dotnet.advisoryKey(component)).toEqual({ ecosystem: 'NuGet', name: 'newtonsoft.json', version: '12.0.2' })
})
