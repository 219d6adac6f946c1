import { XMLParser } from 'fast-xml-parser'

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
/** Elements inside one another. Maven's own go eight deep; a plugin's configuration may go further. */
const DEEPEST = 100

/** Entities are not expanded, but for the five of XML itself, which are read where a text is used. */
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  maxNestedTags: DEEPEST,
})

/** Throws on what is no XML, or no project. */
export function parsePom(text: string): Pom {
  const project = memberOf(parser.parse(text.replace(/^\ufeff/, ''), true), 'project')
  if (project === undefined) throw new Error('expected an element project')
  const parent = memberOf(project, 'parent')
  const group = textIn(project, 'groupId')
  const version = textIn(project, 'version')
  const from = parent && parentIn(parent)
  return {
    ...(group !== undefined && { group }),
    artifact: textIn(project, 'artifactId') ?? '',
    ...(version !== undefined && { version }),
    ...(from !== undefined && { parent: from }),
    properties: propertiesIn(memberOf(project, 'properties')),
    managed: dependenciesIn(memberOf(memberOf(project, 'dependencyManagement'), 'dependencies')),
    dependencies: dependenciesIn(memberOf(project, 'dependencies')),
  }
}

type Element = Readonly<Record<string, unknown>>

const isElement = (value: unknown): value is Element => typeof value === 'object' && value !== null && !Array.isArray(value)

/** An element's child; of several the first, as Maven refuses a second. */
function memberOf(element: unknown, name: string): Element | undefined {
  const value = isElement(element) && Object.hasOwn(element, name) ? element[name] : undefined
  const first: unknown = Array.isArray(value) ? value[0] : value
  return isElement(first) ? first : undefined
}

function textIn(element: Element, name: string): string | undefined {
  const value = Object.hasOwn(element, name) ? element[name] : undefined
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' && first.trim() !== '' ? plain(first.trim()) : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (text: string) => text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole)

function parentIn(parent: Element): PomParent | undefined {
  const group = textIn(parent, 'groupId')
  const artifact = textIn(parent, 'artifactId')
  const version = textIn(parent, 'version')
  if (group === undefined || artifact === undefined || version === undefined) return undefined
  // an empty relativePath says: not beside, but from a repository
  const relativePath = Object.hasOwn(parent, 'relativePath') ? (textIn(parent, 'relativePath') ?? '') : undefined
  return { group, artifact, version, ...(relativePath !== undefined && { relativePath }) }
}

function propertiesIn(properties: Element | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const name of Object.keys(properties ?? {})) found.set(name, (properties && textIn(properties, name)) ?? '')
  return found
}

function dependenciesIn(dependencies: Element | undefined): readonly PomDependency[] {
  const value = dependencies?.['dependency']
  const all: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  if (all.length > MOST) throw new Error(`${all.length} dependencies, at most ${MOST} are read`)
  return all.flatMap((one) => {
    const group = isElement(one) ? textIn(one, 'groupId') : undefined
    const artifact = isElement(one) ? textIn(one, 'artifactId') : undefined
    if (!isElement(one) || group === undefined || artifact === undefined) return []
    const version = textIn(one, 'version')
    const scope = textIn(one, 'scope')
    return [
      {
        group,
        artifact,
        ...(version !== undefined && { version }),
        type: textIn(one, 'type') ?? 'jar',
        classifier: textIn(one, 'classifier') ?? '',
        ...(scope !== undefined && { scope }),
        optional: textIn(one, 'optional') === 'true',
      },
    ]
  })
}
