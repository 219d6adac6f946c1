import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { declaredComponent } from './component.ts'
import { withoutSecrets } from './locked-graph.ts'
import { projectOf } from './project.ts'
import { isLockedAbove } from './workspace.ts'

/** Inside these a manifest belongs to somebody else's package, or to a tool's own files. */
const INSIDE =
  /(?:^|\/)(?:node_modules|bower_components|site-packages|dist-packages|vendor|testdata|\.yarn|\.pnpm-store|usr\/(?:share|lib)\/nodejs)\//
const LONGEST = 1024

/** What a project asks for. Where a lock or what is installed says which versions it got, that stands instead. Format: package.json(5). */
export const packageJson = {
  id: 'npm/package-json',
  version: 1,
  title: 'package.json',
  names: ['package.json'],
  wants: ({ path }) => (path === 'package.json' || path.endsWith('/package.json')) && !INSIDE.test(path),
  async read(file, near) {
    const manifest = parseJson(await file.text())
    if (!isRecord(manifest)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    if (await isLockedAbove(file.path, near)) return { occurrences: [], gaps: [] }
    const problems: string[] = []
    for (const member of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      // npm takes an empty list for nothing, too
      if (manifest[member] !== undefined && !isRecord(manifest[member]) && !Array.isArray(manifest[member]))
        problems.push(`expected an object in ${member}`)
    }
    const occurrences = [...projectOf(manifest).asks].flatMap(([name, { range }]): readonly Occurrence[] => {
      // the project's own
      if (/^(?:workspace|file|link|portal):|^\.{0,2}\//.test(range)) return []
      const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)(?:@(.*))?$/s.exec(range.slice(0, LONGEST))
      const component = range.startsWith('jsr:') ? declaredComponent('jsr', name) : declaredComponent('npm', alias?.[1] ?? name)
      if (component === undefined) {
        problems.push(`expected the name of a package, got ${quoted(name)}`)
        return []
      }
      const requirement = withoutSecrets(alias === null ? range : (alias[2] ?? '*')).slice(0, LONGEST)
      return [{ component, at: { path: file.path }, extractor: this.id, scope: 'declared', direct: true, requirement }]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
