import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** npm allows 214 characters in a name and 256 in a version; what is far beyond is damage. */
const LONGEST = 512

/** The component of an npm package, or undefined when name or version cannot be those of one. */
export function npmComponent(name: string, version: string): Component | undefined {
  if (!isName(name) || !isVersion(version)) return undefined
  const slash = name.indexOf('/')
  const [scope, base] = slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
  return { purl: purlOf('npm', scope, base, version), type: 'npm', name, version }
}

const isName = (name: string) => name.length <= LONGEST && /^(?:@[\w.~'!()*-]+\/)?[\w.~'!()*-]+$/.test(name) && !/^\.\.?$/.test(name)
const isVersion = (version: string) => version.length <= LONGEST && /^[!-~]+$/.test(version)
