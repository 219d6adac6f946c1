import { javaComponent, type Coordinates } from './component.ts'

/**
 * The `pom.properties` Maven puts into what it builds: `groupId`, `artifactId`, `version`, in the format of java.util.Properties.
 * undefined: one of them is missing, or is none.
 */
export function readPomProperties(text: string): Coordinates | undefined {
  const values = new Map<string, string>()
  for (const line of text.split(/[\r\n]+/)) {
    const sign = line.search(/[=:]/)
    if (sign > 0) values.set(line.slice(0, sign).trim(), unescaped(line.slice(sign + 1).trim()))
  }
  const group = values.get('groupId')
  const artifact = values.get('artifactId')
  const version = values.get('version')
  if (group === undefined || artifact === undefined || version === undefined) return undefined
  const coordinates = { group, artifact, version }
  return javaComponent(coordinates) && coordinates
}

/** A backslash before anything but an escape's letter means that character. */
const unescaped = (value: string) => value.replace(/\\(.)/g, '$1')
