import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { brewComponent } from './component.ts'

const PLACE = /(?:^|\/)Caskroom\/([^/]+)\/\.metadata\/([^/]+)\/\d{14}\.\d{1,3}\/Casks\/[^/]+\.(rb|json)$/

/** An installed cask: the definition brew keeps of it, `Caskroom/NAME/.metadata/VERSION/TIME/Casks/NAME.rb` or `.json`. */
export const cask = {
  id: 'homebrew/cask',
  version: 1,
  title: 'Installed Homebrew casks',
  names: ['*.rb', '*.json'],
  wants: ({ path }) => PLACE.test(path),
  async read(file) {
    const [, name = '', version = '', kind] = PLACE.exec(file.path) ?? []
    const told = (reason: string) => ({ occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) })
    const text = await file.text()
    const definition = kind === 'json' ? parseJson(text) : undefined
    if (kind === 'json' ? !isRecord(definition) : !/^cask "[^"\n]{1,200}" do$/m.test(text)) return told('expected the definition of a cask')
    const tap = isRecord(definition) ? textOf(definition, 'tap') : undefined
    const component = brewComponent(tap === undefined ? name : `${tap}/${name}`, version)
    if (component === undefined || version === '')
      return told(`expected the name and the version of a cask in the path, got ${quoted(`${name}/${version}`)}`)
    // casks are no dependencies of anything but in name: somebody asked for it
    return { occurrences: [{ component, at: { path: file.path }, extractor: this.id, direct: true }], gaps: [] }
  },
} satisfies Extractor
