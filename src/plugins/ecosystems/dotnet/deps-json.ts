import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { kindOf, nameAndVersion, occurrencesOf, recordsOf, sha512Of, type Entry } from './graph.ts'

/**
 * What a built application brings, and what a shared runtime is: `NAME.deps.json` beside the assembly. Format: .NET SDK, "Runtime
 * configuration files", `deps.json`.
 */
export const depsJson = {
  id: 'dotnet/deps-json',
  version: 1,
  title: 'deps.json of built applications',
  names: ['*.json'],
  wants: ({ path }) => path.endsWith('.deps.json'),
  async read(file) {
    const deps = parseJson(await file.text())
    if (!isRecord(deps) || !isRecord(deps['libraries']))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected an object with libraries']) }
    const problems: string[] = []
    const libraries = recordsOf(deps['libraries'], 'libraries', problems)
    // `project` is the application itself, `reference` an assembly without a package
    const packages = new Set(libraries.filter(([, record]) => ['package', 'runtimepack'].includes(kindOf(record))).map(([key]) => key))
    const targets = recordsOf(deps['targets'], 'targets', problems).map(([target, entries]) => recordsOf(entries, target, problems))
    // A runtime pack goes by the name of its package with `runtimepack.` in front
    const entryOf = ([key, record]: readonly [string, Entry['record']]): Entry => {
      const [name, version] = nameAndVersion(key)
      return { name: name.replace(/^runtimepack\./, ''), version, record }
    }
    const listed = targets.map((entries) => entries.filter(([key]) => packages.has(key)).map(entryOf))
    const told = new Set(targets.flatMap((entries) => entries.map(([key]) => key)))
    const untold = libraries.filter(([key]) => packages.has(key) && !told.has(key)).map(([key]) => entryOf([key, {}]))
    const root = targets.flatMap((entries) => entries.filter(([key]) => !packages.has(key)).flatMap(([, record]) => record['dependencies']))
    const direct = new Set(root.flatMap((asked) => (isRecord(asked) ? Object.keys(asked).map((name) => name.toLowerCase()) : [])))
    const sums = new Map(libraries.map(([key, record]) => [key.toLowerCase(), sha512Of(textOf(record, 'sha512'))]))
    const occurrences = occurrencesOf(
      { at: { path: file.path }, extractor: this.id },
      [...listed, untold],
      ({ name, version }) => {
        const hash = sums.get(`${name}/${version}`.toLowerCase())
        return { ...(direct.has(name.toLowerCase()) && { direct: true }), ...(hash !== undefined && { hashes: [hash] }) }
      },
      problems,
    )
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
