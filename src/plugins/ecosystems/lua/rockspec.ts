import type { Extractor } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { rockComponent } from './component.ts'

/** `rocks-5.4/NAME/VERSION/NAME-VERSION.rockspec`, or `rocks/...` of older ones. */
const PLACE = /(?:^|\/)rocks(?:-\d\.\d)?\/([^/]+)\/([^/]+)\/\1-\2\.rockspec$/

/**
 * Installed rocks, from the specification LuaRocks keeps of each (luarocks.org, "Rockspec format"). It is Lua, and is not run: `package`
 * and `version` are texts at the beginning of a line.
 */
export const rockspec = {
  id: 'lua/rockspec',
  version: 1,
  title: 'Installed Lua rocks',
  names: ['*.rockspec'],
  wants: ({ path }) => PLACE.test(path),
  async read(file) {
    const text = await file.text()
    const component = rockComponent(fieldOf(text, 'package') ?? '', fieldOf(text, 'version') ?? '')
    if (component === undefined) {
      const reason = 'expected a specification with the package and the version of a rock written out'
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) }
    }
    const licence = fieldOf(text, 'license')
    return {
      occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...(licence !== undefined && { licences: [licence] }) }],
      gaps: [],
    }
  },
} satisfies Extractor

/** `package = "x"`, or one in a table, as `license` is. */
function fieldOf(text: string, name: string): string | undefined {
  const found = new RegExp(`^[ \\t]{0,16}${name} {0,8}= {0,8}(?:"([^"\\\\\\n]{1,200})"|'([^'\\\\\\n]{1,200})')`, 'm').exec(text)
  return found?.[1] ?? found?.[2]
}
