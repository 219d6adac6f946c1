import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { kindOf, nameAndVersion, occurrencesOf, recordsOf, sha512Of } from './graph.ts'

/** What a restore resolved: `obj/project.assets.json` (NuGet.Client, `LockFileFormat`), versions 1 to 4. */
export const projectAssets = {
  id: 'dotnet/project-assets',
  version: 1,
  title: 'project.assets.json',
  names: ['project.assets.json'],
  wants: ({ path }) => path === 'project.assets.json' || path.endsWith('/project.assets.json'),
  async read(file) {
    const assets = parseJson(await file.text())
    if (!isRecord(assets) || !isRecord(assets['targets']))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected an object with targets']) }
    const problems: string[] = []
    const frameworks = recordsOf(assets['targets'], 'targets', problems).map(([target, libraries]) =>
      recordsOf(libraries, target, problems)
        .filter(([, record]) => kindOf(record) !== 'project')
        .map(([key, record]) => {
          const [name, version] = nameAndVersion(key)
          return { name, version, record }
        }),
    )
    const sums = new Map(
      recordsOf(assets['libraries'], 'libraries', problems).map(([key, record]) => [key.toLowerCase(), sha512Of(textOf(record, 'sha512'))]),
    )
    const direct = askedFor(assets['project'])
    const occurrences = occurrencesOf(
      { at: { path: file.path }, extractor: this.id },
      frameworks,
      ({ name, version }) => {
        const hash = sums.get(`${name}/${version}`.toLowerCase())
        return { ...(direct.has(name.toLowerCase()) && { direct: true }), ...(hash !== undefined && { hashes: [hash] }) }
      },
      problems,
    )
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Names of `project.frameworks.*.dependencies`, in lower case. */
function askedFor(project: unknown): ReadonlySet<string> {
  const frameworks = isRecord(project) && isRecord(project['frameworks']) ? Object.values(project['frameworks']) : []
  const asked = frameworks.flatMap((one) => (isRecord(one) && isRecord(one['dependencies']) ? Object.keys(one['dependencies']) : []))
  return new Set(asked.map((name) => name.toLowerCase()))
}
