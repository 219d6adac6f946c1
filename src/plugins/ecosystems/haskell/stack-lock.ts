import { isRecord, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { haskellComponent, nameAndVersion } from './component.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * What stack locked beside its snapshot: `stack.yaml.lock`. The packages of the snapshot itself are not named in it, which is told: nobody
 * may take them for none.
 */
export const stackLock = {
  id: 'haskell/stack-lock',
  version: 1,
  title: 'stack.yaml.lock',
  names: ['*.lock'],
  wants: ({ path }) => /(?:^|\/)stack(?:[-_.][\w.-]*)?\.yaml\.lock$/.test(path),
  async read(file) {
    const lock = await parseYaml(await file.text())
    const packages = isRecord(lock) ? lock['packages'] : undefined
    if (!isRecord(lock) || !Array.isArray(packages))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a list of packages']) }
    const problems: string[] = []
    const found = new Map<string, Occurrence>()
    for (const entry of packages as readonly unknown[]) {
      const completed: Fields = isRecord(entry) && isRecord(entry['completed']) ? entry['completed'] : {}
      const [name, version, hash] = identityOf(completed)
      const component = haskellComponent(name, version)
      if (component === undefined)
        problems.push(`${quoted(name)} ${quoted(version)}: expected the name and the version of a Haskell package`)
      else
        found.set(component.purl, {
          component,
          at: { path: file.path },
          extractor: this.id,
          direct: true,
          ...(hash !== undefined && { hashes: [hash] }),
        })
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, [...problems, ...snapshotsOf(lock['snapshots'])]) }
  },
} satisfies Extractor

/** `hackage: aeson-2.1.2.1@sha256:HEX,SIZE` tells the digest of the package's description; from git and archives name and version stand alone. */
function identityOf(completed: Fields): readonly [string, string, string | undefined] {
  const hackage = textOf(completed, 'hackage')
  if (hackage === undefined) return [textOf(completed, 'name') ?? '', textOf(completed, 'version') ?? '', archiveHash(completed)]
  const [identity = ''] = hackage.split('@', 1)
  return [...nameAndVersion(identity), undefined]
}

function archiveHash(completed: Fields): string | undefined {
  const hash = textOf(completed, 'sha256') ?? ''
  return /^[0-9a-f]{64}$/.test(hash) ? `sha256:${hash}` : undefined
}

function snapshotsOf(snapshots: unknown): readonly string[] {
  const names = (Array.isArray(snapshots) ? snapshots : []).map((entry: unknown) => {
    const original = isRecord(entry) ? entry['original'] : undefined
    const url = isRecord(original) ? (textOf(original, 'url') ?? textOf(original, 'resolver')) : original
    return typeof url === 'string' ? url.slice(url.lastIndexOf('/', url.lastIndexOf('/') - 1) + 1) : 'without a name'
  })
  return names.map((name) => `the packages taken from the snapshot ${quoted(name)} are not named here: they are unknown`)
}
