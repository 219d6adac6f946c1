import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { composerComponent, isPlatform } from './component.ts'
import { inVendor } from './places.ts'

/** What a project asks for. Where its lock or what is installed says which versions it got, that stands instead. Format: getcomposer.org, "The composer.json schema". */
export const composerJson = {
  id: 'php/composer-json',
  version: 1,
  title: 'composer.json',
  names: ['composer.json'],
  wants: ({ path }) => (path === 'composer.json' || path.endsWith('/composer.json')) && !inVendor(path),
  async read(file) {
    const manifest = parseJson(await file.text())
    if (!isRecord(manifest)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems: string[] = []
    const occurrences = ['require', 'require-dev'].flatMap((member) => {
      const wanted = manifest[member] ?? {}
      // PHP writes an empty object as an empty list
      if (Array.isArray(wanted) && wanted.length === 0) return []
      if (!isRecord(wanted)) {
        problems.push(`expected an object in ${member}`)
        return []
      }
      return Object.entries(wanted).flatMap(([name, range]): readonly Occurrence[] => {
        if (isPlatform(name)) return []
        const component = composerComponent(name, '')
        if (component === undefined || typeof range !== 'string') {
          problems.push(`${member}: expected the name and the versions of a package, got ${quoted(name)}`)
          return []
        }
        const requirement = range.slice(0, 1024)
        return [{ component, at: { path: file.path }, extractor: this.id, scope: 'declared', direct: true, requirement }]
      })
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
