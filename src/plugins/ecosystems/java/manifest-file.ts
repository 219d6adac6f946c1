/** Names in lower case, each with its value. */
export type Manifest = ReadonlyMap<string, string>

/** Lines of the main section; real ones have some hundred, most of them continuations. */
const MOST_LINES = 100_000

/**
 * The main section of a MANIFEST.MF (JAR File Specification, "JAR Manifest"): `Name: value` until the first empty line; a line
 * that begins with a blank goes on with the one before. Names differ whatever their case. What is no such line is left out.
 */
export function readManifest(text: string): Manifest {
  const attributes = new Map<string, string>()
  let name: string | undefined
  let parts: string[] = []
  const end = () => {
    if (name !== undefined) attributes.set(name, parts.join('').trim())
    name = undefined
  }
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/, MOST_LINES)) {
    if (line === '') break
    if (line.startsWith(' ')) {
      parts.push(line.slice(1))
      continue
    }
    end()
    const colon = line.indexOf(':')
    if (colon < 1) continue
    name = line.slice(0, colon).toLowerCase()
    parts = [line.slice(colon + 1)]
  }
  end()
  return attributes
}
