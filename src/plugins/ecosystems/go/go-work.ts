import { gapsOf } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { moduleComponent, unversioned } from './component.ts'
import { directivesOf, releaseAsked, replacementOf } from './directives.ts'
import { besideProject } from './places.ts'

/** A workspace (Go modules reference, "Workspaces"): the release of Go it asks for, and modules it puts in place of others. */
export const goWork = {
  id: 'go/go-work',
  version: 1,
  title: 'go.work',
  names: ['go.work'],
  wants: ({ path }) => besideProject(path, 'go.work'),
  async read(file) {
    const problems: string[] = []
    const directives = directivesOf(await file.text(), problems)
    const occurrences: Occurrence[] = []
    for (const { line, words } of directives) {
      if (words[0] !== 'replace') continue
      const replacement = replacementOf(words)
      if (replacement === undefined) problems.push(`line ${line}: expected "replace module => module version" or a folder`)
      const component = replacement && moduleComponent(replacement.by)
      if (component) occurrences.push({ component, at: { path: file.path }, extractor: goWork.id })
    }
    const release = releaseAsked(directives)
    const library = release === undefined ? undefined : unversioned('stdlib', release, goWork.id, file.path)
    if (library) occurrences.push(library)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
