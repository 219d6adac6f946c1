import { gapsOf } from '../../../formats/problems.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'
import { gemComponent } from './component.ts'

/**
 * Installed gems, from the specification RubyGems writes for each: `specifications/NAME-VERSION.gemspec`, those that come with
 * Ruby in `specifications/default/`. It is Ruby, and is not run: the fields RubyGems writes have one form each
 * (`Gem::Specification#to_ruby`).
 */
export const installed = {
  id: 'ruby/installed',
  version: 1,
  title: 'Installed gems',
  names: ['*.gemspec'],
  wants: ({ path }) => /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/.test(path),
  async read(file): Promise<Extracted> {
    const text = (await file.text()).slice(0, HEAD)
    const [stubName, stubVersion] = /^# stub: (\S+) (\S+) /m.exec(text)?.slice(1) ?? []
    const name = stubName ?? fieldOf(text, 'name')
    const version = stubVersion ?? fieldOf(text, 'version')
    const component = name === undefined || version === undefined ? undefined : gemComponent(name, version)
    if (component === undefined) {
      const reason = 'expected a specification as RubyGems writes it, with the name and the version of a gem'
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) }
    }
    const licences = [...(/^ *s\.licenses = \[([^\]]*)\]/m.exec(text)?.[1]?.matchAll(/"([^"\\]{1,200})"/g) ?? [])].flatMap(
      ([, one]) => one ?? [],
    )
    return {
      occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...(licences.length > 0 && { licences }) }],
      gaps: [],
    }
  },
} satisfies Extractor

/** The fields we read stand at the beginning; lists of files make some specifications long. */
const HEAD = 1 << 20

/** `s.name = "rake".freeze` */
const fieldOf = (text: string, field: string): string | undefined =>
  new RegExp(`^ *s\\.${field} = "([^"\\\\]{1,512})"`, 'm').exec(text)?.[1]
