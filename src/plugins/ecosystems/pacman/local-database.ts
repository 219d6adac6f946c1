import { purlOf } from '../../../formats/purl.ts'
import type { Extractor } from '../../../model/seams.ts'

/** One folder for each package, `NAME-VERSION-RELEASE` (alpm's local database, version 9). */
const LOCAL = 'var/lib/pacman/local/'
const inFolder = (path: string, name: string) =>
  path.startsWith(LOCAL) && path.indexOf('/', LOCAL.length) === path.length - name.length - 1 && path.endsWith(`/${name}`)
/** No text of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024
const isName = (text: string) => text.length < LONGEST && /^[a-zA-Z0-9@_+][a-zA-Z0-9@._+-]*$/.test(text)
const isVersion = (text: string) => text.length < LONGEST && /^[!-~]+$/.test(text)

/** What pacman says of one installed package. */
export const pacmanPackage = {
  id: 'pacman/package',
  version: 1,
  title: 'installed pacman packages',
  names: ['desc'],
  wants: ({ path }) => inFolder(path, 'desc'),
  async read(file) {
    const sections = sectionsOf(await file.text())
    const first = (section: string) => sections.get(section)?.[0]
    const [name = '', version = '', arch, base] = ['NAME', 'VERSION', 'ARCH', 'BASE'].map(first)
    const problem = !isName(name)
      ? 'expected a name of letters, digits and @ . _ + - in NAME'
      : !isVersion(version)
        ? 'expected a version of printable ASCII without blanks in VERSION'
        : undefined
    if (problem !== undefined) return { occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason: problem }] }
    const kept = arch !== undefined && isName(arch) ? { arch } : {}
    const licences = (sections.get('LICENSE') ?? []).filter((licence) => licence.length < LONGEST)
    return {
      occurrences: [
        {
          component: {
            purl: purlOf('alpm', 'arch', name, version, kept),
            type: 'alpm',
            name,
            version,
            ...kept,
            ...(base !== undefined && isName(base) && { source: { name: base, version } }),
          },
          at: { path: file.path },
          extractor: this.id,
          // `1`: installed because another package needs it; nothing, or 0: somebody asked for it.
          direct: first('REASON') !== '1',
          ...(licences.length > 0 && { licences }),
        },
      ],
      gaps: [],
    }
  },
} satisfies Extractor

/** Which package owns which file. */
export const pacmanFiles = {
  id: 'pacman/files',
  version: 1,
  title: 'files owned by pacman packages',
  names: ['files'],
  wants: ({ path }) => inFolder(path, 'files'),
  async read(file) {
    const folder = file.path.slice(LOCAL.length, -'/files'.length)
    const owner = /^(.+)-[^-]+-[^-]+$/.exec(folder)?.[1]
    if (owner === undefined) {
      const reason = `expected a folder NAME-VERSION-RELEASE, got ${JSON.stringify(folder.slice(0, 80))}`
      return { occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason }] }
    }
    // Folders end with a slash.
    const paths = (sectionsOf(await file.text()).get('FILES') ?? []).filter((path) => !path.endsWith('/') && !path.startsWith('/'))
    return { occurrences: [], gaps: [], owned: paths.length === 0 ? [] : [{ owner, paths }] }
  },
} satisfies Extractor

/** `%NAME%` and its lines up to an empty one. */
function sectionsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>()
  let lines: string[] | undefined
  for (const line of text.split('\n')) {
    const heading = lines === undefined ? /^%([A-Z0-9]{1,64})%$/.exec(line)?.[1] : undefined
    if (heading !== undefined) sections.set(heading, (lines = []))
    else if (line === '') lines = undefined
    else lines?.push(line)
  }
  return sections
}
