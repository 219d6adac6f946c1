import type { Extractor } from '../src/model/seams.ts'

/** A line `name version` a package: the smallest database an operating system's package manager could have. */
export const listExtractor: Extractor = {
  id: 'test/list',
  version: 1,
  title: 'lists of packages',
  wants: ({ path }) => path === 'var/lib/pkg/list' || path.startsWith('var/lib/pkg/list.d/'),
  async read(file) {
    const lines = (await file.text()).split('\n').filter((line) => line !== '')
    return {
      gaps: [],
      occurrences: lines.map((line) => {
        const [name = '', version = ''] = line.split(' ')
        return {
          component: { purl: `pkg:deb/debian/${name}@${version}`, type: 'deb', name, version },
          at: { path: file.path },
          extractor: 'test/list',
        }
      }),
    }
  },
}

/** The files a package owns, one a line. */
export const ownedExtractor: Extractor = {
  id: 'test/owned',
  version: 1,
  title: 'lists of files',
  wants: ({ path }) => path.startsWith('var/lib/pkg/files/'),
  async read(file) {
    const owner = file.path.slice('var/lib/pkg/files/'.length)
    return { occurrences: [], gaps: [], owned: [{ owner, paths: (await file.text()).split('\n') }] }
  },
}

/** `name version` in a `lib.txt`; with a third word, the neighbour of that name must be there, too. */
export const libExtractor: Extractor = {
  id: 'test/lib',
  version: 1,
  title: 'libraries',
  wants: ({ path }) => path === 'lib.txt' || path.endsWith('/lib.txt'),
  async read(file, near) {
    const [name = '', version = '', beside] = (await file.text()).split(' ')
    if (name === 'broken') throw new Error('this library is broken')
    const neighbour = beside === undefined ? '' : await (await near.open(file.path.replace('lib.txt', beside)))?.text()
    const component = {
      purl: `pkg:npm/${name}@${version}${neighbour ?? '-absent'}`,
      type: 'npm',
      name,
      version: `${version}${neighbour ?? '-absent'}`,
    }
    return { occurrences: [{ component, at: { path: file.path }, extractor: 'test/lib' }], gaps: [] }
  },
}

/** Programs: whatever may be run and begins with `PROG`; `name version` follows. A part of the file is all it reads. */
export const programExtractor: Extractor = {
  id: 'test/program',
  version: 1,
  title: 'programs',
  alone: true,
  wants: ({ mode }) => (mode & 0o111) !== 0,
  starts: (head) => Buffer.from(head).toString('latin1', 0, 4) === 'PROG',
  async read(file) {
    const [name = '', version = ''] = Buffer.from(await file.range(4, 20))
      .toString('latin1')
      .trim()
      .split(' ')
    if (name === '') return { occurrences: [], gaps: [] }
    const component = { purl: `pkg:generic/${name}@${version}`, type: 'generic', name, version }
    return { occurrences: [{ component, at: { path: file.path }, extractor: 'test/program' }], gaps: [] }
  },
}

export const releaseExtractor: Extractor = {
  id: 'test/release',
  version: 1,
  title: 'release',
  wants: ({ path }) => path === 'etc/os-release' || path === 'usr/lib/os-release',
  async read(file) {
    const [id = '', version] = (await file.text()).split(' ')
    return { occurrences: [], gaps: [], os: { id, ...(version !== undefined && { version }) } }
  },
}

export const testExtractors: readonly Extractor[] = [listExtractor, ownedExtractor, libExtractor, releaseExtractor]
