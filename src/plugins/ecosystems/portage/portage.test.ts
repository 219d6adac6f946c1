import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { portageFiles, portagePackage } from './installed.ts'

const contents = readFileSync(join(import.meta.dirname, 'fixtures/CONTENTS'), 'utf8')
const at = (folder: string, name = 'PF') => `var/db/pkg/${folder}/${name}`
const refuses = ['var/db/pkg/dev-libs/openssl-3.0.13/SLOT', 'var/db/pkg/PF', 'home/var/db/pkg/a/b-1/PF', 'var/db/pkg/a/b-1/x/PF']

extractorContract(portagePackage, { path: at('dev-libs/openssl-3.0.13-r2'), content: 'openssl-3.0.13-r2\n', wants: [], refuses })
extractorContract(portageFiles, { path: at('dev-libs/openssl-3.0.13-r2', 'CONTENTS'), content: contents, wants: [], refuses })

it.each([
  ['dev-libs/openssl-3.0.13-r2', 'dev-libs/openssl', '3.0.13-r2', 'pkg:ebuild/dev-libs/openssl@3.0.13-r2'],
  ['x11-libs/gtk+-2.24.33-r3', 'x11-libs/gtk+', '2.24.33-r3', 'pkg:ebuild/x11-libs/gtk%2B@2.24.33-r3'],
  ['virtual/libc-1_p2', 'virtual/libc', '1_p2', 'pkg:ebuild/virtual/libc@1_p2'],
  ['media-libs/lib3ds-2-demo-1.0b_rc3', 'media-libs/lib3ds-2-demo', '1.0b_rc3', 'pkg:ebuild/media-libs/lib3ds-2-demo@1.0b_rc3'],
  ['sys-apps/portage-9999', 'sys-apps/portage', '9999', 'pkg:ebuild/sys-apps/portage@9999'],
])('reads %s', async (folder, name, version, purl) => {
  const path = at(folder)
  const beside = near({ [path.replace(/PF$/, 'LICENSE')]: 'GPL-2 MIT\n' })
  const { occurrences, gaps } = await portagePackage.read(fileOf(path, `${folder.slice(folder.indexOf('/') + 1)}\n`), beside)
  expect(gaps).toEqual([])
  expect(occurrences).toEqual([
    { component: { purl, type: 'ebuild', name, version }, at: { path }, extractor: 'portage/package', licences: ['GPL-2 MIT'] },
  ])
})

it('knows the files of a package', async () => {
  const { owned } = await portageFiles.read(fileOf(at('dev-libs/openssl-3.0.13', 'CONTENTS'), contents))
  const paths = ['usr/bin/openssl', 'usr/share/doc/openssl/a name with blanks', 'usr/lib64/libssl.so']
  expect(owned).toEqual([{ owner: 'dev-libs/openssl', paths }])
})

it.each([
  ['a/b-1', 'b-2\n', 'expected a folder NAME-VERSION as PF names it, got "b-2" in b-1'],
  ['a/noversion', 'noversion\n', 'expected a folder NAME-VERSION as PF names it, got "noversion" in noversion'],
])('says what is wrong with %s', async (folder, text, reason) => {
  const path = at(folder)
  expect(await portagePackage.read(fileOf(path, text), near())).toEqual({
    occurrences: [],
    gaps: [{ path, extractor: 'portage/package', reason }],
  })
})
