import { javaComponent, type Coordinates } from './component.ts'
import { interpolate } from './interpolate.ts'
import { parsePom, type Pom } from './pom-xml.ts'

/** Coordinates a project file gives by itself, without its parent's file; undefined where it needs that. */
export async function coordinatesOfPom(text: string): Promise<Coordinates | undefined> {
  let pom: Pom
  try {
    pom = await parsePom(text)
  } catch {
    return undefined
  }
  const valueOf = (property: string): string | undefined => pom.properties.get(property) ?? ownValue(pom, property)
  const group = interpolate(pom.group ?? pom.parent?.group ?? '', valueOf)
  const artifact = interpolate(pom.artifact, valueOf)
  const version = interpolate(pom.version ?? pom.parent?.version ?? '', valueOf)
  if (group === undefined || artifact === undefined || version === undefined) return undefined
  const coordinates = { group, artifact, version }
  return javaComponent(coordinates) && coordinates
}

/** What a project calls itself and its parent; `pom.` and no prefix are older ways to say `project.`. */
export function ownValue(pom: Pom, property: string): string | undefined {
  const name = property.replace(/^(?:project|pom)\./, '')
  if (name === 'groupId') return pom.group ?? pom.parent?.group
  if (name === 'artifactId') return pom.artifact
  if (name === 'version') return pom.version ?? pom.parent?.version
  if (name === 'parent.groupId') return pom.parent?.group
  if (name === 'parent.artifactId') return pom.parent?.artifact
  return name === 'parent.version' ? pom.parent?.version : undefined
}
