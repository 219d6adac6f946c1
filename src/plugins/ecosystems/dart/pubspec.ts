import { isRecord, namesIn, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import { ancestorsOf, parentOf } from '../../../kit/paths.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { dartComponent } from './component.ts'
import { CACHED, insidePackages } from './places.ts'

type Fields = Readonly<Record<string, unknown>>

/** `pubspec.yaml`: of a package in pub's cache, or of a project, whose dependencies are declared where no lock lies beside it. */
export const pubspec = {
  id: 'dart/pubspec',
  version: 1,
  title: 'Dart packages in the cache, and projects',
  names: ['pubspec.yaml'],
  wants: ({ path }) => /(?:^|\/)pubspec\.yaml$/.test(path) && (CACHED.test(path) || !insidePackages.test(path)),
  async read(file, near) {
    const value = await parseYaml(await file.text())
    if (!isRecord(value)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a table']) }
    const place = { at: { path: file.path }, extractor: this.id }
    if (CACHED.test(file.path)) {
      const component = dartComponent(textOf(value, 'name') ?? '', textOf(value, 'version') ?? '')
      if (component !== undefined && component.version !== '') return { occurrences: [{ component, ...place }], gaps: [] }
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the name and the version of a Dart package']) }
    }
    if (await isLocked(parentOf(file.path), near)) return { occurrences: [], gaps: [] }
    const problems: string[] = []
    const occurrences = ['dependencies', 'dev_dependencies'].flatMap((table) => {
      const asked = value[table]
      return namesIn(asked).flatMap((name): Occurrence[] => {
        const requirement = requirementOf((asked as Fields)[name])
        if (requirement === undefined) return []
        const component = dartComponent(name, '')
        if (component !== undefined)
          return [{ component, ...place, scope: 'declared', direct: true, ...(requirement !== '' && { requirement }) }]
        problems.push(`${quoted(name)}: expected the name of a Dart package`)
        return []
      })
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A version, or a table that tells where from; undefined for the SDK's own and for folders of the project. */
function requirementOf(asked: unknown): string | undefined {
  if (!isRecord(asked)) return typeof asked === 'string' ? asked : ''
  if (asked['sdk'] !== undefined || asked['path'] !== undefined) return undefined
  const git = asked['git']
  const address = isRecord(git) ? textOf(git, 'url') : typeof git === 'string' ? git : undefined
  if (address === undefined) return textOf(asked, 'version') ?? ''
  const [plain = ''] = address.split(/[?#]/, 1)
  return `@ ${plain.replace(/^([\w+.-]*:\/\/)[^/]*@/, '$1')}`
}

/** A workspace has one lock, at its top. */
async function isLocked(folder: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const folders = folder === '' ? [] : [folder, ...ancestorsOf(folder)]
  const locks = await Promise.all(['pubspec.lock', ...folders.map((one) => `${one}/pubspec.lock`)].map((path) => near.open(path)))
  return locks.some((file) => file !== undefined)
}
