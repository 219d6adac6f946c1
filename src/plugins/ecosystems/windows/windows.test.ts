import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extractor } from '../../../model/seams.ts'
import { registryExport } from './registry-export.ts'
import { registryKeys, startsAsExport } from './registry-text.ts'
import { ssmInventory } from './ssm-inventory.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name))
const SYNC = 'AWS:WindowsUpdate/accountid=1/region=r/resourcetype=ManagedInstanceInventory/i-1.json'
const read = async (extractor: Extractor, path: string, content: string | Uint8Array) => {
  const { occurrences, gaps, ...more } = await extractor.read(fileOf(path, content), near())
  return { found: occurrences.map(({ component }) => component), gaps: gaps.map(({ reason }) => reason), ...more }
}
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le')
const HEAD = 'Windows Registry Editor Version 5.00\n\n'
const KEY = String.raw`[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\x]`
const seven = {
  purl: 'pkg:windows/Igor%20Pavlov/7-Zip%2023.01%20(x64)@23.01',
  type: 'windows',
  name: 'Igor Pavlov/7-Zip 23.01 (x64)',
  version: '23.01',
}
const update = (number: string) => ({ purl: `pkg:windows/update@${number}`, type: 'windows', name: 'update', version: number })

extractorContract(registryExport, {
  path: 'export/installed.reg',
  content: fixture('installed.reg'),
  wants: ['a.REG'],
  refuses: ['reg', 'a.reg.bak'],
})
extractorContract(ssmInventory, {
  path: 'inventory/AWS-Application.json',
  content: fixture('applications.json'),
  wants: [SYNC, `sync/${SYNC}`, 'AWS_WindowsUpdate.json'],
  refuses: ['AWS-Network.json', 'package.json', 'xAWS-Application.json'],
})

describe('an export of the registry', () => {
  it('tells programs, updates and the system', async () => {
    expect(await read(registryExport, 'installed.reg', fixture('installed.reg'))).toEqual({
      found: [
        seven,
        update('KB2468871'),
        {
          purl: 'pkg:windows/Python%20Software%20Foundation/Python%203.12@3.12.1150.0',
          ...{ type: 'windows', name: 'Python Software Foundation/Python 3.12', version: '3.12.1150.0' },
        },
      ],
      gaps: [],
      os: { id: 'windows', version: '10.0.20348.2031', name: 'Windows Server 2022 Datacenter' },
    })
  })
  it.each([
    ['"DisplayName"="x"', ['"x" ("x"): expected a version, got none']],
    ['"DisplayName"="x"\n"DisplayVersion"="1 2"', ['"x" ("x"): expected a version, got "1 2"']],
    [
      '"DisplayName"="x"\n"DisplayVersion"=dword:1\n"Broken',
      ['line 6: expected a key or a value', '"x" ("x"): expected a version, got none'],
    ],
    ['"DisplayVersion"="1"', []],
  ])('tells what is wrong with %j', async (values, gaps) => {
    expect(await read(registryExport, 'a.reg', utf16(`${HEAD}${KEY}\n${values}\n`))).toEqual({ found: [], gaps })
  })
  it.each([
    ['"CurrentVersion"="6.3"\n', '6.3.9600'],
    ['', undefined],
  ])('of an older Windows tells its version in another way: %j', async (line, version) => {
    const key = String.raw`[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]`
    const text = `${HEAD}${key}\n"ProductName"="Windows Server 2012 R2"\n"CurrentBuild"="9600"\n${line}`
    const { os } = await registryExport.read(fileOf('a.reg', utf16(text)))
    expect(os).toEqual(version && { id: 'windows', version, name: 'Windows Server 2012 R2' })
  })
  it('of something else tells nothing', async () => {
    expect(await read(registryExport, 'a.reg', utf16(`${HEAD}[HKEY_CURRENT_USER\\Console]\n"FaceName"="Consolas"\nx\n`))).toEqual({
      found: [],
      gaps: [],
    })
  })
  it('is read in older forms, too', async () => {
    const text = `REGEDIT4\r\n\r\n${KEY}\r\n"DisplayName"="a"\r\n"DisplayVersion"="1.0"\r\n`
    expect((await read(registryExport, 'a.reg', text)).found.map(({ purl }) => purl)).toEqual(['pkg:windows/a@1.0'])
  })
  it('is known by its first line', () => {
    const heads = [utf16(HEAD), Buffer.from(HEAD), Buffer.from('REGEDIT4\n'), Buffer.from('REGEDIT5\n'), Buffer.from([0xff, 0xfe])]
    expect(heads.map(startsAsExport)).toEqual([true, true, true, false, false])
  })
  it('takes no longer for a value that goes on and on', () => {
    const text = `\n[A]\n"x"=hex(1):${'61,00,\\\n'.repeat(200_000)}  00,00\n"y"="1"\n`
    const [key] = [...registryKeys(text, () => {})]
    expect([key?.values.get('y'), String(key?.values.get('x')).length < 20_000]).toEqual(['1', true])
  })
  it('has no values of keys that are deleted', () => {
    const keys = [...registryKeys('\n[A]\n"x"="1"\n[-B]\n"x"="2"\n[C]\n"y"=-\n"z"=hex(7):00', () => {})]
    expect(keys.map(({ path, values }) => [path, [...values]])).toEqual([
      ['A', [['x', '1']]],
      ['C', []],
    ])
  })
})

describe("Systems Manager's inventory", () => {
  it('lists programs', async () => {
    expect(await read(ssmInventory, 'AWS-Application.json', fixture('applications.json'))).toEqual({
      found: [
        seven,
        {
          purl: 'pkg:windows/Amazon%20Web%20Services/Amazon%20SSM%20Agent@3.2.1630.0',
          ...{ type: 'windows', name: 'Amazon Web Services/Amazon SSM Agent', version: '3.2.1630.0' },
        },
      ],
      gaps: [],
    })
  })
  it('lists updates, one a line', async () => {
    expect(await read(ssmInventory, SYNC, fixture('updates.json'))).toEqual({ found: [update('KB5031364'), update('KB5029927')], gaps: [] })
  })
  it.each([
    [
      'AWS-Application.json',
      '{"Entries":[7,{"Name":"a"}]}',
      ['entry 1: expected a JSON object, got 7', 'expected a program with its version, got "a" and undefined'],
    ],
    [
      'AWS-Application.json',
      '{"Name":"bash","Version":"5.1","Release":"2"}',
      ['"bash": a package of a Linux machine, of which no distribution is told'],
    ],
    ['AWS-Application.json', '{"Name":"a\\u0000","Version":"1"}', ['expected a program with its version, got "a\\u0000" and "1"']],
    [
      'AWS-WindowsUpdate.json',
      '{"HotFixId":"File 1"}\n{',
      ['entry 2: expected a JSON object, got none', 'expected an update by its number, got "File 1"'],
    ],
  ])('tells what is wrong in %s with %s', async (path, text, gaps) =>
    expect(await read(ssmInventory, path, text)).toEqual({ found: [], gaps }),
  )
})
