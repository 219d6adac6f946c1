import { isRecord, namesIn, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted, shown } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { brewComponent } from './component.ts'

const LONGEST = 4096

/** What a project asks brew for (docs.brew.sh, "Brew Bundle and Brewfile"). It is a program in Ruby: of it the plain lines are read. */
export const brewfile = {
  id: 'homebrew/brewfile',
  version: 1,
  title: 'Brewfile',
  names: ['Brewfile', '.Brewfile'],
  wants: ({ path }) => /(?:^|\/)\.?Brewfile$/.test(path),
  async read(file) {
    const problems: string[] = []
    const found = new Map<string, Occurrence>()
    for (const [index, raw] of (await file.text()).split('\n').entries()) {
      const [, rest] = /^\s{0,80}(?:brew|cask)[\s(](.*)$/.exec(raw.slice(0, LONGEST)) ?? []
      if (rest === undefined) continue
      const name = /^\s{0,80}(?:"([^"#]{1,512})"|'([^']{1,512})')/.exec(rest)
      const component = name === null ? undefined : brewComponent(name[1] ?? name[2] ?? '', '')
      if (component === undefined) problems.push(`line ${index + 1}: expected the name of a formula or cask, got ${quoted(rest.trim())}`)
      else found.set(component.purl, { component, at: { path: file.path }, extractor: this.id, scope: 'declared', direct: true })
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** What `brew bundle` wrote down as installed, until Homebrew 4.4: `Brewfile.lock.json`. */
export const brewfileLock = {
  id: 'homebrew/brewfile-lock',
  version: 1,
  title: 'Brewfile.lock.json',
  names: ['Brewfile.lock.json', '.Brewfile.lock.json'],
  wants: ({ path }) => /(?:^|\/)\.?Brewfile\.lock\.json$/.test(path),
  async read(file) {
    const lock = parseJson(await file.text())
    const entries = isRecord(lock) ? lock['entries'] : undefined
    if (!isRecord(entries)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object with entries']) }
    const problems: string[] = []
    const occurrences = ['brew', 'cask'].flatMap((kind) => {
      const list = entries[kind]
      return namesIn(list).flatMap((name): readonly Occurrence[] => {
        const entry = isRecord(list) ? list[name] : undefined
        const version = isRecord(entry) ? textOf(entry, 'version') : undefined
        const component = version === undefined ? undefined : brewComponent(name, version)
        if (component === undefined)
          problems.push(`${kind} ${quoted(name)}: expected a name with a version, got ${shown(isRecord(entry) ? entry['version'] : entry)}`)
        return component === undefined ? [] : [{ component, at: { path: file.path }, extractor: this.id, direct: true }]
      })
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
