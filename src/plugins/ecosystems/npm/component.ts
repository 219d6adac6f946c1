import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** npm allows 214 characters in a name and 256 in a version; what is far beyond is damage. */
const LONGEST = 512

/** The component of an npm package, or undefined when name or version cannot be those of one. */
export function npmComponent(name: string, version: string): Component | undefined {
  return isName(name) && isVersion(version) ? named('npm', name, version) : undefined
}

/** The component of a package of JSR, the registry of Deno. Names have a scope there, always. */
export function jsrComponent(name: string, version: string): Component | undefined {
  return isJsrName(name) && isVersion(version) ? named('jsr', name, version) : undefined
}

/** One that a manifest asks for in a range of versions: which one is there it does not say. */
export function declaredComponent(type: 'npm' | 'jsr', name: string): Component | undefined {
  return (type === 'npm' ? isName : isJsrName)(name) ? named(type, name, '') : undefined
}

function named(type: string, name: string, version: string): Component {
  const slash = name.indexOf('/')
  const [scope, base] = slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
  return { purl: purlOf(type, scope, base, version), type, name, version }
}

const isName = (name: string) => name.length <= LONGEST && /^(?:@[\w.~'!()*-]+\/)?[\w.~'!()*-]+$/.test(name) && !/^\.\.?$/.test(name)
const isVersion = (version: string) => version.length <= LONGEST && /^[!-~]+$/.test(version)
const isJsrName = (name: string) => name.length <= LONGEST && /^@[a-z0-9-]+\/[a-z0-9-]+$/.test(name)
