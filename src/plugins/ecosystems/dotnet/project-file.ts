import { ancestorsOf } from '../../../kit/paths.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { attributeOf, childOf, readXml, type XmlElement } from '../../../formats/xml.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { isVersion, nugetComponent } from './component.ts'

/**
 * What a project asks for: `PackageReference` of project files and of what they import, `PackageVersion` of
 * `Directory.Packages.props`. NuGet installs the lowest version that fits, so one version alone is the one it takes
 * (learn.microsoft.com, "Package versioning"), unless a lock or what is installed says another.
 */
export const projectFile = {
  id: 'dotnet/project-file',
  version: 1,
  title: 'Project files and central package versions',
  wants: ({ path }) => /\.(?:cs|fs|vb|vcx)proj$|(?:^|\/)Directory\.(?:Packages|Build)\.(?:props|targets)$/i.test(path),
  async read(file, near) {
    const root = await readXml(await file.text())
    if (root.name !== 'Project')
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [`expected Project, got ${quoted(root.name)}`]) }
    const properties = propertiesOf(root)
    let centrally: Promise<boolean> | undefined
    const central = () => (centrally ??= hasCentralVersions(file.path, near))
    const problems: string[] = []
    const found = new Map<string, Occurrence>()
    for (const item of itemsOf(root)) {
      const names = (attributeOf(item, 'Include') ?? attributeOf(item, 'Update') ?? '').split(';').map((name) => name.trim())
      for (const name of names.filter((one) => one !== '')) {
        const requirement = resolved(versionOf(item), properties).slice(0, 1024)
        // A reference without a version gets it from Directory.Packages.props, which lists it itself.
        if (requirement === '' && item.name === 'PackageReference' && (await central())) continue
        const version = exactOf(requirement)
        const component = nugetComponent(resolved(name, properties), version)
        if (component === undefined) {
          problems.push(`expected the name of a NuGet package, got ${quoted(name)}`)
          continue
        }
        const direct = item.name === 'PackageReference'
        found.set(`${component.purl} ${direct}`, {
          ...{ component, at: { path: file.path }, extractor: this.id },
          scope: 'declared',
          ...(direct && { direct: true }),
          ...(requirement !== '' && { requirement }),
        })
      }
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const CENTRAL = 'Directory.Packages.props'
/** Versions are short; a property is put in for each place that names it. */
const LONGEST_VALUE = 256

const items = new Set(['PackageReference', 'PackageVersion', 'GlobalPackageReference'])

function* itemsOf(element: XmlElement): Generator<XmlElement> {
  for (const child of element.children) {
    if (items.has(child.name)) yield child
    else yield* itemsOf(child)
  }
}

const versionOf = (item: XmlElement): string =>
  attributeOf(item, 'VersionOverride') ?? attributeOf(item, 'Version') ?? childOf(item, 'Version')?.text ?? ''

/** `Directory.Packages.props` of the project's folder or the nearest above it. */
async function hasCentralVersions(path: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  for (const folder of [...ancestorsOf(path), '']) {
    if ((await near.open(folder === '' ? CENTRAL : `${folder}/${CENTRAL}`)) !== undefined) return true
  }
  return false
}

/** `1.2.3` and `[1.2.3]`; '' for anything else. */
function exactOf(requirement: string): string {
  const version = /^\[([^,[\]]+)\]$/.exec(requirement)?.[1]?.trim() ?? requirement
  return isVersion(version) ? version : ''
}

/** Properties the file itself sets; the last one stands. Conditions are not judged: they can name several versions, and then none is known. */
function propertiesOf(root: XmlElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const doubtful = new Set<string>()
  for (const group of root.children.filter(({ name }) => name === 'PropertyGroup')) {
    for (const { name, text, attributes } of group.children) {
      const key = name.toLowerCase()
      const conditional = 'Condition' in attributes || 'Condition' in group.attributes
      if (conditional && values.get(key) !== text) doubtful.add(key)
      values.set(key, text.slice(0, LONGEST_VALUE))
    }
  }
  for (const key of doubtful) values.delete(key)
  return values
}

/** With `$(Name)` replaced where the file sets it; a property may name another, but not itself. */
function resolved(text: string, properties: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 8 || text.length > 1024) return text
  const next = text.replaceAll(/\$\(([\w.-]+)\)/g, (whole, name: string) => properties.get(name.toLowerCase()) ?? whole)
  return next === text ? text.trim() : resolved(next, properties, depth + 1)
}
