import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

/** Names and versions on PyPI are far shorter; what is longer is damage. */
const LONGEST = 256

/** PEP 503, "Normalized Names": one name for `Zope.Interface`, `zope_interface` and `zope-interface`. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

/**
 * The component of a Python package, or undefined when name or version cannot be those of one. The name is normalised by
 * PEP 503; the purl keeps dots, as the purl specification has it for type pypi. An empty version: it is only declared.
 */
export function pythonComponent(name: string, version: string): Component | undefined {
  if (!isName(name) || !isVersion(version)) return undefined
  return {
    purl: purlOf('pypi', undefined, name.toLowerCase().replaceAll('_', '-'), version),
    type: 'pypi',
    name: normalName(name),
    version,
  }
}

/** PEP 508, "Names". */
const isName = (name: string) => name.length <= LONGEST && /^[a-z0-9](?:[\w.-]*[a-z0-9])?$/i.test(name)
const isVersion = (version: string) => version.length <= LONGEST && /^[!-~]*$/.test(version)

/** Inside these a project file belongs to somebody else's package, or to its tests. */
export const insidePackages = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|gems|testdata|_vendor)\//

export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
