import { purlOf } from '../../../formats/purl.ts'
import type { Extractor } from '../../../model/seams.ts'

/** One folder for each package, `CATEGORY/NAME-VERSION`. */
const place = /^var\/db\/pkg\/([A-Za-z0-9_][A-Za-z0-9+_.-]{0,255})\/([A-Za-z0-9_][A-Za-z0-9+_.-]{0,511})\/(PF|CONTENTS)$/
/** Name and version as PMS 3.1.2 and 3.2 allow them: a name does not end in what looks like a version. */
const packaged = /^([A-Za-z0-9_][A-Za-z0-9+_-]*?)-(\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)$/
/** Characters of a licence expression. */
const LONGEST = 1024

type Named = { readonly name: string; readonly version: string }

/** The package that the folder is for: its category and the two parts of its name. */
function packageAt(path: string): Named | undefined {
  const [, category, folder = ''] = place.exec(path) ?? []
  const [, name, version] = packaged.exec(folder) ?? []
  return category === undefined || name === undefined || version === undefined ? undefined : { name: `${category}/${name}`, version }
}

/** An installed package, by the folder that Portage keeps for it. */
export const portagePackage = {
  id: 'portage/package',
  version: 1,
  title: 'installed Portage packages',
  names: ['PF'],
  wants: ({ path }) => path.endsWith('/PF') && place.test(path),
  async read(file, near) {
    const one = packageAt(file.path)
    const folder = file.path.slice(0, -'/PF'.length)
    const given = (await file.text()).trim()
    if (one === undefined || !folder.endsWith(`/${given}`)) {
      const reason = `expected a folder NAME-VERSION as PF names it, got ${JSON.stringify(given.slice(0, 80))} in ${folder.slice(folder.lastIndexOf('/') + 1)}`
      return { occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason }] }
    }
    const licence = (await (await near.open(`${folder}/LICENSE`))?.text())?.trim()
    const [category = '', name = ''] = one.name.split('/')
    return {
      occurrences: [
        {
          component: { purl: purlOf('ebuild', category, name, one.version), type: 'ebuild', name: one.name, version: one.version },
          at: { path: file.path },
          extractor: this.id,
          ...(licence !== undefined && licence !== '' && licence.length < LONGEST && { licences: [licence] }),
        },
      ],
      gaps: [],
    }
  },
} satisfies Extractor

/** Which package owns which file: `obj PATH MD5 TIME` and `sym PATH -> TARGET TIME`; folders are left out. */
export const portageFiles = {
  id: 'portage/files',
  version: 1,
  title: 'files owned by Portage packages',
  names: ['CONTENTS'],
  wants: ({ path }) => path.endsWith('/CONTENTS') && place.test(path),
  async read(file) {
    const owner = packageAt(file.path)?.name
    if (owner === undefined) {
      return { occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason: 'expected a folder NAME-VERSION' }] }
    }
    const paths = (await file.text()).split('\n').flatMap((line) => pathOf(line) ?? [])
    return { occurrences: [], gaps: [], owned: paths.length === 0 ? [] : [{ owner, paths }] }
  },
} satisfies Extractor

function pathOf(line: string): string | undefined {
  const path = line.startsWith('obj /')
    ? /^obj \/(.+) [0-9a-f]{32} -?\d{1,20}$/.exec(line)?.[1]
    : line.startsWith('sym /')
      ? line.slice(5, line.indexOf(' -> '))
      : undefined
  return path === undefined || path === '' || path.startsWith('/') ? undefined : path
}
