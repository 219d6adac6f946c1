import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import { pacmanFiles, pacmanPackage } from './local-database.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const FOLDER = 'var/lib/pacman/local/python-hazel-1:2.1.r3.gabc123-2'
const refuses = [
  'var/lib/pacman/local/ALPM_DB_VERSION',
  'var/lib/pacman/local/a-1-1/mtree',
  'var/lib/pacman/local/desc',
  'home/var/lib/pacman/local/a-1-1/desc',
]

extractorContract(pacmanPackage, { path: `${FOLDER}/desc`, content: fixture('desc'), wants: [], refuses: [...refuses, `${FOLDER}/files`] })
extractorContract(pacmanFiles, { path: `${FOLDER}/files`, content: fixture('files'), wants: [], refuses: [...refuses, `${FOLDER}/desc`] })

it('reads a package that pacman installed', async () => {
  const version = '1:2.1.r3.gabc123-2'
  expect(await pacmanPackage.read(fileOf(`${FOLDER}/desc`, fixture('desc')))).toEqual({
    occurrences: [
      {
        component: {
          ...{ purl: `pkg:alpm/arch/python-hazel@${version}?arch=any`, type: 'alpm', name: 'python-hazel', version, arch: 'any' },
          source: { name: 'hazel', version },
        },
        ...{ at: { path: `${FOLDER}/desc` }, extractor: 'pacman/package', direct: true, licences: ['MIT', 'Apache-2.0'] },
      },
    ],
    gaps: [],
  })
})

it('knows what came as a dependency', async () => {
  const text = fixture('desc').replace('%SIZE%', '%REASON%\n1\n\n%SIZE%')
  const { occurrences } = await pacmanPackage.read(fileOf(`${FOLDER}/desc`, text))
  expect(occurrences.map(({ direct }) => direct)).toEqual([false])
})

it('knows its files, without folders', async () => {
  const paths = ['usr/bin/hazel', 'usr/lib/python3.12/site-packages/hazel-2.1.dist-info/METADATA']
  expect((await pacmanFiles.read(fileOf(`${FOLDER}/files`, fixture('files')))).owned).toEqual([{ owner: 'python-hazel', paths }])
})

it.each([
  ['', 'expected a name of letters, digits and @ . _ + - in NAME'],
  ['%NAME%\na b\n\n%VERSION%\n1-1\n', 'expected a name of letters, digits and @ . _ + - in NAME'],
  ['%NAME%\na\n\n%VERSION%\n', 'expected a version of printable ASCII without blanks in VERSION'],
])('says what is wrong with %j', async (text, reason) => {
  const path = `${FOLDER}/desc`
  expect(await pacmanPackage.read(fileOf(path, text))).toEqual({
    occurrences: [],
    gaps: [{ path, extractor: 'pacman/package', reason }],
  })
})
