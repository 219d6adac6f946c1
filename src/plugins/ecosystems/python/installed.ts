import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { baseName, parentOf } from '../../../kit/paths.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extracted, Extractor, FileTree } from '../../../model/seams.ts'
import { folderOf, pythonComponent } from './component.ts'
import { hashTable, isHash } from './lock-values.ts'
import { parseMetadata, type Metadata } from './metadata.ts'

/** Installed packages: the `METADATA` of each `NAME-VERSION.dist-info` (PyPA, "Recording installed projects"). */
export const distInfo = {
  id: 'python/dist-info',
  version: 1,
  title: 'Installed Python packages (dist-info)',
  // the second is read beside the first: wanted for itself, it is at hand without reading a layer once more
  names: ['METADATA', 'direct_url.json'],
  wants: ({ path }) => path.endsWith('.dist-info/METADATA') || path.endsWith('.dist-info/direct_url.json'),
  async read(file, near) {
    if (!file.path.endsWith('/METADATA')) return { occurrences: [], gaps: [] }
    const folder = folderOf(file.path)
    // pip renames what it is about to remove: such a folder stays where an installation was interrupted
    if (baseName(folder.slice(0, -1)).startsWith('~'))
      return {
        occurrences: [],
        gaps: gapsOf(this.id, file.path, ['left behind by an interrupted installation: whether it is in use is unknown']),
      }
    const extracted = occurrenceOf(this.id, file.path, parseMetadata(await file.text()))
    const [only] = extracted.occurrences
    if (only === undefined) return extracted
    const [requested, hashes] = await Promise.all([near.open(`${folder}REQUESTED`), archiveHashes(folder, near)])
    return {
      occurrences: [{ ...only, ...(requested !== undefined && { direct: true }), ...(hashes.length > 0 && { hashes }) }],
      gaps: [],
    }
  },
} satisfies Extractor

/** Installed packages of older tools: a file `NAME.egg-info`, or `PKG-INFO` in a folder `NAME.egg-info` or an unpacked egg. */
export const eggInfo = {
  id: 'python/egg-info',
  version: 1,
  title: 'Installed Python packages (egg-info)',
  names: ['*.egg-info', 'PKG-INFO'],
  wants: ({ path }) => path.endsWith('.egg-info') || path.endsWith('.egg-info/PKG-INFO') || path.endsWith('.egg/EGG-INFO/PKG-INFO'),
  async read(file, near) {
    const folder = file.path.endsWith('.egg-info/PKG-INFO') ? parentOf(parentOf(file.path)) : undefined
    if (folder !== undefined && (await isSourceTree(folder, near))) return { occurrences: [], gaps: [] }
    return occurrenceOf(this.id, file.path, parseMetadata(await file.text()))
  },
} satisfies Extractor

export function occurrenceOf(extractor: string, path: string, { name, version, licences }: Metadata): Extracted {
  const component = pythonComponent(name, version)
  if (component === undefined || component.version === '')
    return { occurrences: [], gaps: gapsOf(extractor, path, ['expected the name and the version of a Python package']) }
  const occurrence: Occurrence = { component, at: { path }, extractor, ...(licences.length > 0 && { licences }) }
  return { occurrences: [occurrence], gaps: [] }
}

/** PyPA, "Recording the Direct URL Origin": the digest of the archive it came from. It only adds to what is known. */
async function archiveHashes(folder: string, near: Pick<FileTree, 'open'>): Promise<readonly string[]> {
  try {
    const file = await near.open(`${folder}direct_url.json`)
    const origin = file && parseJson(await file.text())
    const archive = isRecord(origin) ? origin['archive_info'] : undefined
    if (!isRecord(archive)) return []
    const old = typeof archive['hash'] === 'string' ? [archive['hash'].replace('=', ':')].filter(isHash) : []
    return [...new Set([...hashTable(archive['hashes']), ...old])].sort()
  } catch {
    return []
  }
}

/** What setuptools leaves in the folder it builds is about the project itself, which is not installed there. */
async function isSourceTree(folder: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const above = [folder, folder.replace(/(?:^|\/)src$/, '')].map((path) => (path === '' ? '' : `${path}/`))
  const marks = await Promise.all(
    [...new Set(above)].flatMap((path) => ['setup.py', 'pyproject.toml', 'setup.cfg'].map((name) => near.open(path + name))),
  )
  return marks.some((file) => file !== undefined)
}
