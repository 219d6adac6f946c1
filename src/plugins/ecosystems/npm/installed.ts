import type { Extracted, Extractor } from '../../../model/seams.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { npmComponent } from './component.ts'
import { licencesOf } from './licences.ts'

/**
 * A folder right below `node_modules`, or below the folders from which Debian's Node.js loads its own packages. Deeper
 * `package.json` files (`pkg/esm/package.json`) configure a part of a package and are none themselves.
 */
const PACKAGE = /(?:^|\/)(?:node_modules|usr\/(?:share|lib)\/nodejs)\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/

/** Installed npm packages, from the `package.json` each brings. Format: npm's package.json(5), name and version. */
export const installed = {
  id: 'npm/installed',
  version: 2,
  title: 'Installed npm packages',
  names: ['package.json'],
  wants: ({ path }) => path.endsWith('/package.json') && PACKAGE.test(path),
  async read(file) {
    const gap = (reason: string): Extracted => ({ occurrences: [], gaps: [{ path: file.path, extractor: this.id, reason }] })
    const manifest: unknown = parseJson(await file.text())
    if (!isRecord(manifest)) return gap('expected a JSON object')
    const { name, version } = manifest
    // npm installs nothing from a registry without both: a local folder, or a stub
    if (name === undefined || version === undefined) return { occurrences: [], gaps: [] }
    if (typeof name !== 'string' || typeof version !== 'string') return gap('expected text in name and version')
    // the name within, not the folder's: an alias installs one package under another's name
    const component = npmComponent(name.trim(), version.trim())
    if (component === undefined) return gap('expected the name and the version of an npm package')
    const licences = licencesOf(manifest)
    return {
      occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...(licences.length > 0 && { licences }) }],
      gaps: [],
    }
  },
} satisfies Extractor
