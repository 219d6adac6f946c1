import { gapsOf, quoted } from '../../../formats/problems.ts'
import { attributeOf, childrenOf, readXml } from '../../../formats/xml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isVersion, nugetComponent } from './component.ts'

/** What older projects install, each package in one version: `packages.config` (learn.microsoft.com, "packages.config reference"). */
export const packagesConfig = {
  id: 'dotnet/packages-config',
  version: 1,
  title: 'packages.config',
  wants: ({ path }) => /(?:^|\/)packages(?:\.[^/]+)?\.config$/i.test(path),
  async read(file) {
    const root = await readXml(await file.text())
    if (root.name !== 'packages')
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [`expected packages, got ${quoted(root.name)}`]) }
    const problems: string[] = []
    const occurrences = childrenOf(root, 'package').flatMap((one): readonly Occurrence[] => {
      const [name = '', version = ''] = [attributeOf(one, 'id'), attributeOf(one, 'version')]
      const component = isVersion(version) ? nugetComponent(name, version) : undefined
      if (component === undefined) {
        problems.push(`${quoted(name)}: expected the id and the version of a NuGet package`)
        return []
      }
      const scope = attributeOf(one, 'developmentDependency')?.toLowerCase() === 'true' ? 'dev' : 'runtime'
      return [{ component, at: { path: file.path }, extractor: this.id, scope }]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
