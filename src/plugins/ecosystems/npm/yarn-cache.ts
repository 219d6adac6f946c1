import type { Extractor } from '../../../model/seams.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { bytesSource, openZip } from '../../../formats/zip.ts'
import { npmComponent } from './component.ts'
import { licencesOf } from './licences.ts'

const MANIFEST = /^node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/

/**
 * Packages in the cache of a project (`.yarn/cache`), from where yarn's Plug'n'Play loads them: one archive each, with a
 * `node_modules` folder inside (yarnpkg.com, "Zero-installs"). A cache in somebody's home is of many projects and installs nothing.
 */
export const yarnCache = {
  id: 'npm/yarn-cache',
  version: 1,
  title: 'Packages in .yarn/cache',
  alone: true,
  names: ['*.zip'],
  wants: ({ path }) => /(?:^|\/)\.yarn\/cache\/[^/]+\.zip$/.test(path),
  async read(file) {
    const gaps = (reason: string) => ({ occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) })
    const zip = await openZip(bytesSource(await file.bytes()))
    let found = undefined
    for (const entry of zip.entries()) if (entry.path !== undefined && MANIFEST.test(entry.path)) found = entry
    if (found === undefined) return gaps('expected the package.json of a package in node_modules')
    const manifest = parseJson((await zip.read(found)).toString('utf8'))
    if (!isRecord(manifest)) return gaps('expected a JSON object in package.json')
    const { name, version } = manifest
    const component = typeof name === 'string' && typeof version === 'string' ? npmComponent(name.trim(), version.trim()) : undefined
    if (component === undefined) return gaps('expected the name and the version of an npm package')
    const licences = licencesOf(manifest)
    return {
      occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...(licences.length > 0 && { licences }) }],
      gaps: [],
    }
  },
} satisfies Extractor
