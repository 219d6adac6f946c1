import { gapsOf } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { pythonComponent } from './component.ts'
import { readRequirements } from './requirements-file.ts'
import { parseRequirement } from './requirement.ts'

/** What pip, and setuptools until 71, carry inside themselves: the list each keeps of its copies. */
export const vendored = {
  id: 'python/vendored',
  version: 1,
  title: 'Packages vendored by pip and setuptools',
  names: ['vendor.txt', 'vendored.txt'],
  wants: ({ path }) => /(?:^|\/)_vendor\/vendor(?:ed)?\.txt$/.test(path),
  async read(file) {
    const problems: string[] = []
    const occurrences = readRequirements(await file.text()).flatMap((line): Occurrence[] => {
      const asked = line.is === 'requirement' ? parseRequirement(line.text) : undefined
      const component = asked?.pin === undefined ? undefined : pythonComponent(asked.name, asked.pin)
      if (component !== undefined) return [{ component, at: { path: file.path }, extractor: this.id }]
      problems.push(
        `expected a package and its version, got ${JSON.stringify((line.is === 'requirement' ? line.text : line.path).slice(0, 200))}`,
      )
      return []
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
