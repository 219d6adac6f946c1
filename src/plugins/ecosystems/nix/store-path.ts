import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** `/nix/store/HASH-NAME` (Nix manual, "Store Path"): what lies there is called NAME. undefined: it is no such path. */
export function nameOfPath(path: string): string | undefined {
  return /^\/[^\0]{0,200}\/[0-9a-df-np-sv-z]{32}-([\w+.?=-]{1,211})$/.exec(path)?.[1]
}

/** Outputs by which nixpkgs calls parts of a package; the first has no name of its own. */
const outputs = /-(?:bin|dev|devdoc|doc|info|lib|man|out|static)$/
/** What packages are built from, and pieces of configuration: nothing that is installed. */
const sources = /\.(?:drv|patch|diff|tar|tgz|tar\.\w{1,4}|t?[gbx]z2?|zst|zip|sh|nix|json|toml|conf|service|gem|crate|whl|deb|rpm|txt|git)$/

/**
 * The package that lies at a store path. `deriver` is the path of the recipe that built it, and tells where in the name an output's name
 * begins. undefined: nothing with a version lies there (scripts, configuration, environments).
 */
export function packageOf(path: string, deriver: string | undefined): Component | undefined {
  const whole = nameOfPath(path)
  if (whole === undefined || sources.test(whole)) return undefined
  const recipe = deriver === undefined ? undefined : nameOfPath(deriver)?.replace(/\.drv$/, '')
  const built = recipe !== undefined && (whole === recipe || whole.startsWith(`${recipe}-`)) ? recipe : whole.replace(outputs, '')
  // Where a name ends and its version begins: Nix's own rule (`builtins.parseDrvName`).
  const [, name, version] = /^(.+?)-([^a-zA-Z].*)$/.exec(built) ?? []
  if (name === undefined || version === undefined) return undefined
  return { purl: purlOf('nix', undefined, name, version), type: 'nix', name, version }
}
