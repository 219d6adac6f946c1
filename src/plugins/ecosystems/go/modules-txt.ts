import { gapsOf } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { moduleComponent, unversioned } from './component.ts'
import { replacementOf } from './directives.ts'

const MOST = 200_000

/** The modules of a `vendor` folder, as `go mod vendor` lists them there (Go modules reference, "Vendoring"). */
export const modulesTxt = {
  id: 'go/modules-txt',
  version: 1,
  title: 'vendor/modules.txt',
  names: ['modules.txt'],
  wants: ({ path }) => (path === 'vendor/modules.txt' || path.endsWith('/vendor/modules.txt')) && !ofGo.test(path),
  async read(file) {
    const occurrences: Occurrence[] = []
    const problems: string[] = []
    let line = 0
    for (const raw of (await file.text()).split('\n')) {
      line++
      if (!raw.startsWith('# ')) continue
      const words = raw.length > 4_096 ? [] : ['#', ...raw.slice(2).trim().split(/\s+/)]
      // At the end stand replacements of all versions once more.
      if (words[2] === '=>') continue
      const [, path, version] = words
      const by = words.includes('=>') ? replacementOf(words)?.by : undefined
      const component = path === undefined || version === undefined ? undefined : moduleComponent(by ?? { path, version })
      const told = component
        ? { component, at: { path: file.path }, extractor: modulesTxt.id }
        : unversioned(path ?? '', by ? `${version} => ${by.path}` : (version ?? ''), modulesTxt.id, file.path)
      if (told === undefined) problems.push(`line ${line}: expected "# module version"`)
      else occurrences.push(told)
      if (occurrences.length > MOST) {
        problems.push(`more than ${MOST} modules: the rest is not read`)
        break
      }
    }
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Go's own library and tools come with their vendored modules: these are part of the release. */
const ofGo = /(?:^|\/)(?:go|go-[\d.]+|golang)\/src\/(?:cmd\/)?vendor\//
