import { childOf, childrenOf, readXml, type XmlElement } from '../../../formats/xml.ts'

/** What a project file says of one dependency, nothing replaced yet. */
export type PomDependency = {
  readonly group: string
  readonly artifact: string
  readonly version?: string
  readonly type: string
  readonly classifier: string
  readonly scope?: string
  readonly optional: boolean
}
export type PomParent = { readonly group: string; readonly artifact: string; readonly version: string; readonly relativePath?: string }

/** A project file as it is written (POM reference, model version 4.0.0). */
export type Pom = {
  readonly group?: string
  readonly artifact: string
  readonly version?: string
  readonly parent?: PomParent
  readonly properties: ReadonlyMap<string, string>
  readonly managed: readonly PomDependency[]
  readonly dependencies: readonly PomDependency[]
}

/** Dependencies of one project; the longest known list, Quarkus' platform, has some five thousand. */
const MOST = 50_000

/** Rejects what is no XML, or no project. Of a member that stands twice the first counts: Maven refuses a second. */
export async function parsePom(text: string): Promise<Pom> {
  const project = await readXml(text)
  if (project.name !== 'project') throw new Error('expected an element project')
  const parent = parentIn(childOf(project, 'parent'))
  return {
    ...given('group', textIn(project, 'groupId')),
    artifact: textIn(project, 'artifactId') ?? '',
    ...given('version', textIn(project, 'version')),
    ...given('parent', parent),
    properties: new Map(childOf(project, 'properties')?.children.map(({ name, text: value }) => [name, value])),
    managed: dependenciesIn(childOf(project, 'dependencyManagement')),
    dependencies: dependenciesIn(project),
  }
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]?: V })
}

const textIn = (element: XmlElement, name: string): string | undefined => childOf(element, name)?.text || undefined

function parentIn(parent: XmlElement | undefined): PomParent | undefined {
  const group = parent && textIn(parent, 'groupId')
  const artifact = parent && textIn(parent, 'artifactId')
  const version = parent && textIn(parent, 'version')
  if (group === undefined || artifact === undefined || version === undefined) return undefined
  // an empty relativePath says: not beside, but from a repository
  return { group, artifact, version, ...given('relativePath', childOf(parent, 'relativePath')?.text) }
}

function dependenciesIn(element: XmlElement | undefined): readonly PomDependency[] {
  const all = childrenOf(childOf(element, 'dependencies'), 'dependency')
  if (all.length > MOST) throw new Error(`${all.length} dependencies, at most ${MOST} are read`)
  return all.map((one) => ({
    group: textIn(one, 'groupId') ?? '',
    artifact: textIn(one, 'artifactId') ?? '',
    ...given('version', textIn(one, 'version')),
    type: textIn(one, 'type') ?? 'jar',
    classifier: textIn(one, 'classifier') ?? '',
    ...given('scope', textIn(one, 'scope')),
    optional: textIn(one, 'optional') === 'true',
  }))
}
