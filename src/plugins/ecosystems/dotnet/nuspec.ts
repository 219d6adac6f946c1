import { gapsOf, quoted } from '../../../formats/problems.ts'
import { attributeOf, childOf, readXml } from '../../../formats/xml.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'
import { isVersion, nugetComponent } from './component.ts'

/**
 * Packages unpacked into NuGet's folder, `packages/NAME/VERSION/NAME.nuspec`, or that of older projects, `packages/NAME.VERSION/NAME.nuspec`. One
 * elsewhere is the source of a package and names no installed one. Format: learn.microsoft.com, ".nuspec reference".
 */
export const nuspec = {
  id: 'dotnet/nuspec',
  version: 1,
  title: 'Unpacked NuGet packages',
  names: ['*.nuspec'],
  wants: ({ path }) => /(?:^|\/)(?:packages|sdk\/NuGetFallbackFolder)\/(?:[^/]+\/\d[^/]*|[^/]+\.\d[^/]*)\/[^/]+\.nuspec$/.test(path),
  async read(file): Promise<Extracted> {
    const metadata = childOf(await readXml(await file.text()), 'metadata')
    const [name = '', version = ''] = ['id', 'version'].map((field) => childOf(metadata, field)?.text)
    const component = isVersion(version) ? nugetComponent(name, version) : undefined
    if (component === undefined)
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [`${quoted(name)}: expected the id and the version of a NuGet package`]) }
    const licence = childOf(metadata, 'license')
    const expression = licence !== undefined && attributeOf(licence, 'type') === 'expression' ? licence.text : ''
    return {
      occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...(expression !== '' && { licences: [expression] }) }],
      gaps: [],
    }
  },
} satisfies Extractor
