import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseTarget, sources } from './index.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'oi-target-'))
  await mkdir(join(cwd, 'layout'))
  for (const file of [
    'layout/oci-layout',
    'image.tar',
    'image.tar.gz',
    'bom.json',
    'server.img',
    'server.qcow2',
    'app.zip',
    'notes.txt',
    'a,b.img',
  ])
    await writeFile(join(cwd, file), '')
})
afterAll(async () => {
  await rm(cwd, { recursive: true })
})

it.each([
  ['host', 'host', ''],
  ['dir:.', 'dir', '.'],
  ['dir:a b:c', 'dir', 'a b:c'],
  ['rootfs:/mnt', 'rootfs', '/mnt'],
  ['image:image.tar', 'image', 'image.tar'],
  ['sbom:x.json', 'sbom', 'x.json'],
  ['.', 'dir', '.'],
  ['layout', 'image', 'layout'],
  ['image.tar', 'image', 'image.tar'],
  ['./image.tar.gz', 'image', 'image.tar.gz'],
  ['bom.json', 'sbom', 'bom.json'],
  ['disk:server.vhd', 'disk', 'server.vhd'],
  ['server.img', 'disk', 'server.img'],
  ['disk:a,b.img', 'disk', 'a,b.img'],
  ['server.qcow2', 'disk', 'server.qcow2'],
  ['app.zip', 'archive', 'app.zip'],
  ['archive:x.tar.zst', 'archive', 'x.tar.zst'],
  ['image:image.tar?platform=linux/arm64', 'image', 'image.tar?platform=linux/arm64'],
])('reads %s as %s', (text, scheme, value) => {
  expect(parseTarget(text, cwd)).toEqual({
    scheme,
    value: scheme === 'host' ? '' : value === '.' ? cwd : value.startsWith('/') ? value : join(cwd, value),
  })
})

it('makes the path of each disk of a machine absolute, and of each archive of a function', () => {
  expect(parseTarget('disk:root.img,/srv/data.img', '/cwd')).toEqual({ scheme: 'disk', value: '/cwd/root.img,/srv/data.img' })
  expect(parseTarget('lambda:code.zip,layer.zip', '/cwd')).toEqual({ scheme: 'lambda', value: '/cwd/code.zip,/cwd/layer.zip' })
})

it.each([
  ['docker:', 'docker', ''],
  ['docker:?root=/srv/docker', 'docker', '?root=/srv/docker'],
  ['containerd:', 'containerd', ''],
  ['registry:alpine?platform=all', 'registry', 'alpine?platform=all'],
])('takes %s as it is', (text, scheme, value) => {
  expect(parseTarget(text, cwd)).toEqual({ scheme, value })
})

it.each([
  [
    'absent',
    'unknown target "absent": expected host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:[NAME], containerd:[NAME], archive:PATH, lambda:PATH, sbom:PATH or a path that exists',
  ],
  ['', 'unknown target ""'],
  ['podman:nginx', 'unknown target "podman:nginx"'],
  ['registry:', 'target registry:: expected the name of an image after registry:'],
  ['dir:', 'target dir:: expected a path after dir:'],
  ['host:other', 'host is this machine and takes no value; for another root use rootfs:PATH'],
  ['notes.txt', 'say which with image:notes.txt, sbom:notes.txt or disk:notes.txt'],
])('refuses %j in words that help', (text, message) => {
  expect(() => parseTarget(text, cwd)).toThrow(message)
})

it('offers every scheme exactly once', () => {
  expect(sources.flatMap(({ targets }) => targets)).toEqual([
    'host',
    'dir',
    'rootfs',
    'disk',
    'image',
    'registry',
    'docker',
    'containerd',
    'archive',
    'lambda',
    'sbom',
  ])
})

it('takes a name in a registry as it is written', () => {
  expect(parseTarget('registry:alpine:3.20?platform=linux/arm64', cwd)).toEqual({
    scheme: 'registry',
    value: 'alpine:3.20?platform=linux/arm64',
  })
})

it('takes the name of an image in a store of this machine as it is written', () => {
  expect(parseTarget('docker:shop:1?root=/srv/docker', cwd)).toEqual({ scheme: 'docker', value: 'shop:1?root=/srv/docker' })
})

it('takes several paths of a function and its layers', () => {
  expect(parseTarget('lambda:app.zip,/srv/layer.zip', '/home')).toEqual({ scheme: 'lambda', value: '/home/app.zip,/srv/layer.zip' })
})
