import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { kindOf, occurrencesOf, recordsOf, sha512Of } from './graph.ts'

/** What NuGet locked: `packages.lock.json`, versions 1 and 2, or a name a project gave it (`packages.NAME.lock.json`). */
export const packagesLock = {
  id: 'dotnet/packages-lock',
  version: 1,
  title: 'packages.lock.json',
  names: ['*.json'],
  wants: ({ path }) => /(?:^|\/)packages(?:\.[^/]+)?\.lock\.json$/.test(path),
  async read(file) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock) || !isRecord(lock['dependencies']))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected an object with dependencies']) }
    const problems: string[] = []
    // A project of the same solution is no package
    const frameworks = recordsOf(lock['dependencies'], 'dependencies', problems).map(([framework, packages]) =>
      recordsOf(packages, framework, problems)
        .filter(([, record]) => kindOf(record) !== 'project')
        .map(([name, record]) => ({ name, version: textOf(record, 'resolved') ?? '', record })),
    )
    const seen = { at: { path: file.path }, extractor: this.id }
    const occurrences = occurrencesOf(
      seen,
      frameworks,
      ({ record }) => {
        const hash = sha512Of(textOf(record, 'contentHash'))
        return { ...(kindOf(record) === 'direct' && { direct: true }), ...(hash !== undefined && { hashes: [hash] }) }
      },
      problems,
    )
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
