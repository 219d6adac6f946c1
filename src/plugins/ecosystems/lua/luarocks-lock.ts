import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { rockComponent } from './component.ts'

/** What LuaRocks pinned: `luarocks.lock`, a table of versions for each kind of need (luarocks.org, "Pinning versions with a lock file"). */
export const luarocksLock = {
  id: 'lua/luarocks-lock',
  version: 1,
  title: 'luarocks.lock',
  names: ['luarocks.lock'],
  wants: ({ path }) => path === 'luarocks.lock' || path.endsWith('/luarocks.lock'),
  async read(file) {
    const problems: string[] = []
    const found = new Map<string, Occurrence>()
    let scope: 'runtime' | 'dev' | undefined
    let open = 0
    for (const [index, raw] of (await file.text()).split('\n').entries()) {
      const line = raw.slice(0, LONGEST).trim()
      if (line === '' || line.startsWith('--')) continue
      const table = /^(?:return|(dependencies|build_dependencies|test_dependencies) {0,8}=) {0,8}\{$/.exec(line)
      if (table !== null) {
        open++
        scope = table[1] === undefined ? undefined : table[1] === 'dependencies' ? 'runtime' : 'dev'
      } else if (/^\},?$/.test(line)) {
        open--
        scope = undefined
      } else {
        const [, quoted, bare, version = ''] = /^(?:\["([^"]{1,200})"\]|(\w{1,200})) {0,8}= {0,8}"([^"]{1,200})",?$/.exec(line) ?? []
        const name = quoted ?? bare
        // the language itself
        if (name === 'lua' && scope !== undefined) continue
        const component = scope === undefined ? undefined : rockComponent(name ?? '', version)
        if (component === undefined)
          problems.push(`line ${index + 1}: expected the name and the version of a rock, got ${JSON.stringify(line.slice(0, 80))}`)
        else if (scope !== undefined && found.get(component.purl)?.scope !== 'runtime')
          found.set(component.purl, { component, at: { path: file.path }, extractor: this.id, scope })
      }
    }
    if (open !== 0) problems.push('expected the end of the table, got the end of the file')
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const LONGEST = 1024
