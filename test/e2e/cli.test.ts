import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScanResult } from '../../src/app/standalone.ts'
import { makeWorld } from '../browser/world.ts'
import { oi, shell } from './oi.ts'

let scratch: string
let world: Awaited<ReturnType<typeof makeWorld>>
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'oi-cli-'))
  world = await makeWorld()
})
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
  await world.remove()
})

const places = (name: string) => ['--data', join(scratch, name, 'data'), '--cache', join(scratch, name, 'cache')]

describe('help and usage', () => {
  it('lists every command, and ends each help with examples', async () => {
    const help = await oi(['--help'])
    expect(help.code).toBe(0)
    const names = [...help.out.matchAll(/^ {2}([a-z-]+) .*\S$/gm)].map(([, name]) => name ?? '')
    const commands = names.filter((name) => !name.startsWith('-') && name !== 'help')
    expect(commands).toEqual([
      'serve',
      'scan',
      'sbom',
      'findings',
      'coverage',
      'resources',
      'filters',
      'agent',
      'agents',
      'feeds',
      'verify',
      'credentials',
      'migrate-store',
      'versions',
      'cvss',
    ])
    for (const name of commands) expect((await oi([name, '--help'])).out, name).toMatch(/\nExamples:\n {2}\$ .*(openinspector|credentials)/)
  }, 120_000)

  it('prints help for no arguments, and its version', async () => {
    expect((await oi([])).out).toContain('Usage: openinspector')
    expect(await oi(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' })
  })

  it.each([
    [['scna', 'host'], 2, "error: unknown command 'scna'\n(Did you mean scan?)"],
    [['scan'], 2, "error: missing required argument 'target'"],
    [['findings', 'list', '-o', 'yaml'], 2, 'Expected one of table, json, ndjson.'],
    [['scan', 'nothing:there'], 2, 'unknown target "nothing:there"'],
    [['serve', '--data', '/dev/null', '--port', '0'], 2, "openinspector: EEXIST: file already exists, mkdir '/dev/null'"],
    [['migrate-store', '--to', 'somewhere'], 2, '--to: expected an address like postgres://USER@HOST/DATABASE'],
    [
      ['migrate-store', '--to', 'postgres://127.0.0.1:1/oi', '--data', '/does/not/exist'],
      2,
      'There is no embedded store in /does/not/exist',
    ],
    [['findings', 'list', '--limit', 'some'], 2, 'Expected a whole number above 0.'],
    [['scan', 'dir:.', '--feeds', '/does/not/exist'], 2, 'but there is no folder /does/not/exist'],
    [['feeds', 'sync', '--feeds', '/does/not/exist'], 2, 'but there is no folder /does/not/exist'],
    [['scan', 'dir:/does/not/exist'], 2, 'there is nothing readable at /does/not/exist'],
    [['cvss', 'CVSS:3.1/AV:N'], 2, 'expected a CVSS vector'],
    [['versions', 'compare', 'cobol', '1', '2'], 2, 'Expected a version scheme'],
    [['serve', '--port', '99999'], 2, '--port: Too big'],
    [['findings', 'list', '--data', '/does/not/exist'], 2, 'Next: openinspector serve'],
    [['findings', 'list', '--server', 'http://127.0.0.1:1'], 5, 'No server answers at http://127.0.0.1:1'],
  ])('%j exits %i and says what is wrong', async (args, code, words) => {
    const ran = await oi(args, { OI_TOKEN: 'oit_none', OI_DATA: join(scratch, 'nothing') })
    expect(ran.err).toContain(words)
    expect(ran).toMatchObject({ code, out: '' })
  })
})

describe('versions', () => {
  it.each([
    ['deb', '1.0~rc1', '1.0', '<'],
    ['debian', '1:0', '2', '>'],
    ['npm', '1.0.0+a', '1.0.0+b', '='],
  ])('compare %s %s %s', async (scheme, a, b, order) => {
    expect(await oi(['versions', 'compare', scheme, a, b])).toEqual({ code: 0, out: `${order}\n`, err: '' })
  })

  it('check prints the wrong lines only and exits 1', async () => {
    const file = join(scratch, 'order.txt')
    await writeFile(file, '# comment\n1.0 < 2.0\n\n// another\n2.0 < 1.0\n')
    expect(await oi(['versions', 'check', 'deb', file])).toEqual({
      code: 1,
      out: `${file}:5: 2.0 < 1.0 (compares >)\n`,
      err: '2 checked, 1 wrong\n',
    })
    await writeFile(file, '1.0 < 2.0\n')
    expect(await oi(['versions', 'check', 'debian', file, '--quiet'])).toEqual({ code: 0, out: '', err: '' })
  })
})

it('cvss gives the scores that are defined', async () => {
  const v3 = await oi(['cvss', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P', '-o', 'json'])
  expect(JSON.parse(v3.out)).toEqual({ version: '3.1', baseScore: 9.8, temporalScore: 9.3, environmentalScore: 9.3 })
  const v2 = await oi(['cvss', 'AV:N/AC:L/Au:N/C:P/I:P/A:P', '-o', 'json'])
  expect(JSON.parse(v2.out)).toEqual({ version: '2.0', baseScore: 7.5 })
  expect((await oi(['cvss', 'AV:N/AC:L/Au:N/C:P/I:P/A:P'])).out).toBe('Base          7.5\n')
})

describe('scan without a server', () => {
  const scan = async (target: string, ...more: string[]) => {
    const ran = await oi(['scan', target, '-o', 'json', ...more])
    return { ...ran, result: JSON.parse(ran.out) as ScanResult }
  }

  it('judges a root file system by the feeds of a mirror', async () => {
    const { code, result } = await scan(`rootfs:${world.root}`, ...places('rootfs'), '--feeds', world.feeds)
    expect(result.knowledge.state).toBe('full')
    expect(result.gaps).toEqual([])
    expect(code).toBe(0)
    expect(result.components.map(({ name, version, source }) => [name, version, source?.name ?? name])).toEqual([
      ['acme-archive-tools', '1.2.0-1', 'acme-archive'],
      ['acme-parser', '2.9-4', 'acme-parser'],
      ['libacme-archive1', '1.2.0-1', 'acme-archive'],
    ])
    expect(result.findings).toHaveLength(34)
    expect(result.findings[0]).toEqual({
      vulnerabilityId: 'CVE-2099-10001',
      aliases: [],
      package: 'acme-archive-tools',
      installedVersion: '1.2.0-1',
      fixedVersion: '1.2.0-2',
      severity: 'CRITICAL',
      score: 9.8,
      source: expect.any(String),
      location: 'var/lib/dpkg/status',
      purl: 'pkg:deb/debian/acme-archive-tools@1.2.0-1?arch=amd64',
      locations: ['var/lib/dpkg/status'],
    })
    expect(
      result.findings.filter(({ vulnerabilityId }) => vulnerabilityId === 'CVE-2099-10002').map(({ fixedVersion }) => fixedVersion),
    ).toEqual([null, null])
  })

  it('exits 3 on a gap, and still tells what it found', async () => {
    const { code, result, err } = await scan(`dir:${world.project}`, ...places('project'), '--feeds', world.feeds)
    expect(code).toBe(3)
    expect(result.gaps.map(({ path }) => path)).toEqual(['broken/package-lock.json'])
    expect(
      result.findings.map(({ vulnerabilityId, aliases, package: name, fixedVersion }) => [vulnerabilityId, aliases, name, fixedVersion]),
    ).toEqual([['CVE-2099-10003', ['GHSA-2222-3333-4444'], 'acme-template', '2.0.1']])
    expect(err).toContain('gap: broken/package-lock.json')
  })

  it('loads a mirror again when it has news', async () => {
    const feeds = join(scratch, 'mirror')
    const place = places('news')
    const project = join(scratch, 'app')
    await mkdir(project, { recursive: true })
    await writeFile(
      join(project, 'package-lock.json'),
      JSON.stringify({ name: 'app', lockfileVersion: 3, packages: { 'node_modules/acme-template': { version: '2.0.0' } } }),
    )
    await shell(`cp -r "${world.feeds}" "${feeds}" && rm -r "${feeds}/osv/npm"`)
    const before = await scan(`dir:${project}`, ...place, '--feeds', feeds)
    expect(before).toMatchObject({ code: 3, result: { findings: [], knowledge: { state: 'starter' } } })
    await shell(`cp -r "${world.feeds}/osv/npm" "${feeds}/osv/npm"`)
    const after = await scan(`dir:${project}`, ...place, '--feeds', feeds)
    expect(after).toMatchObject({ code: 0, result: { findings: [{ vulnerabilityId: 'CVE-2099-10003' }], knowledge: { state: 'full' } } })
  })

  it('says that only the starter set was judged where nothing was ever loaded', async () => {
    const { code, result, err } = await scan(`rootfs:${world.root}`, ...places('starter'))
    expect(code).toBe(3)
    expect(result.knowledge.state).toBe('starter')
    expect(err).toContain('Only the starter set was judged')
  })

  it('uses what `feeds sync` loaded', async () => {
    const data = join(scratch, 'synced')
    const synced = await oi(['feeds', 'sync', '--feeds', world.feeds, '--data', data, '-o', 'json'])
    expect(JSON.parse(synced.out).map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ['epss', 'fresh'],
      ['kev', 'fresh'],
      ['osv/Debian', 'fresh'],
      ['osv/npm', 'fresh'],
    ])
    expect(synced.code).toBe(0)
    const { code, result } = await scan(`rootfs:${world.root}`, '--data', data, '--cache', join(scratch, 'synced-cache'))
    expect(code).toBe(0)
    expect(result.findings).toHaveLength(34)
    expect((await oi(['feeds', 'status', '--data', data, '-o', 'ndjson'])).out.trim().split('\n')).toHaveLength(4)
    // The embedded store of a server is nothing a scan needs, or makes.
    expect(await readdir(data)).toEqual(['advisories.db'])
  })

  it.each([
    ['cyclonedx-1.4', '"specVersion": "1.4"'],
    ['cyclonedx-1.6', '"specVersion": "1.6"'],
    ['cyclonedx-1.7', '"specVersion": "1.7"'],
    ['spdx-2.3', '"spdxVersion": "SPDX-2.3"'],
    ['spdx-3.0', '"specVersion": "3.0.1"'],
  ])('finds the same through an SBOM of its own, as %s', async (format, word) => {
    const file = join(scratch, `${format}.json`)
    const asked = ['sbom', `rootfs:${world.root}`, '--format', format, '--created', '2026-01-02T03:04:05Z', ...places('sbom')]
    expect(await oi([...asked, '--file', file])).toMatchObject({ code: 0, out: '' })
    const text = await readFile(file, 'utf8')
    expect(text).toContain(word)
    // The same content of the same time: the same bytes.
    expect((await oi(asked)).out).toBe(text)
    const direct = await scan(`rootfs:${world.root}`, ...places('sbom'), '--feeds', world.feeds)
    const through = await scan(`sbom:${file}`, ...places('sbom'), '--feeds', world.feeds)
    const pairs = ({ findings }: ScanResult) =>
      findings.map(({ vulnerabilityId, purl, fixedVersion }) => [vulnerabilityId, purl, fixedVersion])
    expect(pairs(through.result)).toEqual(pairs(direct.result))
  })

  it('shows what an SBOM says of its vulnerabilities, and tells them all the same', async () => {
    const file = join(scratch, 'vex.json')
    await oi(['sbom', `rootfs:${world.root}`, '--file', file, ...places('sbom')])
    const before = await scan(`sbom:${file}`, ...places('sbom'), '--feeds', world.feeds)
    const [first] = before.result.findings
    const bom = JSON.parse(await readFile(file, 'utf8'))
    const part = bom.components.find(({ purl }: { purl?: string }) => purl?.startsWith(first!.purl.split('?')[0]!))
    const analysis = { state: 'not_affected', justification: 'code_not_reachable' }
    await writeFile(
      file,
      JSON.stringify({ ...bom, vulnerabilities: [{ id: first!.vulnerabilityId, analysis, affects: [{ ref: part['bom-ref'] }] }] }),
    )
    const { result, err } = await scan(`sbom:${file}`, ...places('sbom'), '--feeds', world.feeds)
    const claim = { vulnerability: first!.vulnerabilityId, purl: first!.purl, state: 'not_affected', justification: 'code_not_reachable' }
    expect(result.findings).toEqual([{ ...first!, vex: [{ ...claim, source: 'vex.json' }] }, ...before.result.findings.slice(1)])
    expect(err).toContain('Of 1 findings vex.json says that they do not affect it')
  })

  it('writes no SBOM of a format or a time that it does not know', async () => {
    const format = await oi(['sbom', `rootfs:${world.root}`, '--format', 'cyclonedx-9', ...places('sbom')])
    expect([format.code, format.err]).toEqual([2, expect.stringContaining('Allowed choices are cyclonedx-1.4, cyclonedx-1.6')])
    const time = await oi(['sbom', `rootfs:${world.root}`, '--created', 'yesterday', ...places('sbom')])
    expect([time.code, time.err]).toEqual([2, expect.stringContaining('--created yesterday: expected an ISO time')])
  })

  it('ends cleanly when the reader goes away, and keeps colours out of pipes', async () => {
    const place = places('pipe')
      .map((word) => `"${word}"`)
      .join(' ')
    const line = `oi scan "rootfs:${world.root}" ${place} --feeds "${world.feeds}" --quiet`
    expect(await shell(`${line} -o ndjson | head -n 1 | cut -c 1-38`)).toEqual({
      code: 0,
      out: '{"vulnerabilityId":"CVE-2099-10001","a\n',
      err: '',
    })
    const table = await shell(`${line} -o table`)
    expect(table.out.split('\n')[0]).toMatch(/^SEVERITY +SCORE +VULNERABILITY +PACKAGE +INSTALLED +FIXED IN +LOCATION$/)
    expect(table.out).not.toContain('\u001b')
  })

  it('shows hostile names as text', async () => {
    const project = join(scratch, 'hostile')
    await mkdir(project, { recursive: true })
    const version = '2.0.0'
    const path = 'x\u001b[31m\u202e/node_modules/acme-template'
    await writeFile(
      join(project, 'package-lock.json'),
      JSON.stringify({ name: 'x', lockfileVersion: 3, packages: { [path]: { version } } }),
    )
    const { out } = await oi(['scan', `dir:${project}`, ...places('hostile'), '--feeds', world.feeds, '-o', 'table'])
    expect(['\u001b', '\u202e'].filter((character) => out.includes(character))).toEqual([])
  })
})
