import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'
import { juliaComponent } from './component.ts'
import { projectOf } from './project-toml.ts'

/** A package in a depot: `packages/NAME/SLUG/Project.toml`, five letters or digits telling one version from another. */
const INSTALLED = /(?:^|\/)packages\/[^/]+\/[A-Za-z0-9]{4,6}\/(?:Julia)?Project\.toml$/

/** `Project.toml`: of a package installed in a depot, or of a project, whose dependencies are declared where no manifest lies beside it. */
export const project = {
  id: 'julia/project',
  version: 1,
  title: 'Installed Julia packages, and projects',
  names: ['Project.toml', 'JuliaProject.toml'],
  wants: ({ path }) => /(?:^|\/)(?:Julia)?Project\.toml$/.test(path),
  async read(file, near) {
    const { name, uuid, version, deps, extras, compat } = projectOf(parseToml(await file.text()))
    const place = { at: { path: file.path }, extractor: this.id }
    if (INSTALLED.test(file.path)) {
      const component = juliaComponent(name ?? '', uuid ?? '', version ?? '')
      if (component !== undefined && component.version !== '') return { occurrences: [{ component, ...place }], gaps: [] }
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the name, the uuid and the version of a Julia package']) }
    }
    const folder = parentOf(file.path)
    const manifests = ['Manifest.toml', 'JuliaManifest.toml'].map((one) => near.open(folder === '' ? one : `${folder}/${one}`))
    if ((await Promise.all(manifests)).some((one) => one !== undefined)) return { occurrences: [], gaps: [] }
    const problems: string[] = []
    const occurrences = [...deps, ...extras].flatMap(([id, asked]) => {
      const component = juliaComponent(asked, id, '')
      const requirement = compat.get(asked)
      if (component !== undefined)
        return [{ component, ...place, scope: 'declared' as const, direct: true, ...(requirement !== undefined && { requirement }) }]
      problems.push(`${quoted(asked)}: expected a package and its uuid`)
      return []
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
