import type { Extractor } from '../../../model/seams.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { conanComponent } from './component.ts'

const PLACE = /(?:^|\/)\.conan\/data\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/package\/[^/]+\/conaninfo\.txt$/

/**
 * Packages in the cache of Conan 1, `.conan/data/NAME/VERSION/USER/CHANNEL/package/ID` (docs.conan.io/1, "Storage"): the place tells
 * what lies there, `conaninfo.txt` what it was built with. Conan 2 has a database for that.
 */
export const installed = {
  id: 'conan/installed',
  version: 1,
  title: "Packages in Conan 1's cache",
  names: ['conaninfo.txt'],
  wants: ({ path }) => PLACE.test(path),
  async read(file) {
    const [, name = '', version = '', user = '', channel = ''] = PLACE.exec(file.path) ?? []
    const component = conanComponent(user === '_' ? `${name}/${version}` : `${name}/${version}@${user}/${channel}`)
    const problems =
      component === undefined ? [`expected the name and the version of a package in the path, got ${quoted(`${name}/${version}`)}`] : []
    const text = await file.text()
    if (!/^\[(?:settings|requires|full_requires|options)\]/m.test(text))
      problems.push('expected what a package was built with, as Conan writes it')
    const needs = sectionOf(text, 'full_requires').flatMap((line) => conanComponent(line)?.purl ?? [])
    const dependsOn = [...new Set(needs)].sort()
    const occurrences =
      component === undefined
        ? []
        : [{ component, at: { path: file.path }, extractor: this.id, ...(dependsOn.length > 0 && { dependsOn }) }]
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function sectionOf(text: string, name: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim())
  const from = lines.indexOf(`[${name}]`) + 1
  if (from === 0) return []
  const end = lines.findIndex((line, at) => at >= from && line.startsWith('['))
  return lines.slice(from, end < 0 ? undefined : end).filter((line) => line !== '')
}
