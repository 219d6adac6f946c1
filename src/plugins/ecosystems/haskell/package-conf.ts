import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { haskellComponent } from './component.ts'

/** What GHC has installed: a file for each library in `package.conf.d` (GHC user's guide, "InstalledPackageInfo"). */
export const packageConf = {
  id: 'haskell/package-conf',
  version: 1,
  title: 'Installed Haskell libraries',
  names: ['*.conf'],
  wants: ({ path }) => /(?:^|\/)package\.(?:conf\.d|db)\/[^/]+\.conf$/.test(path),
  async read(file) {
    const fields = new Map<string, string>()
    for (const line of (await file.text()).split(/\r?\n/)) {
      const [, field, value = ''] = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line) ?? []
      if (field !== undefined) fields.set(field.toLowerCase(), value.trim())
    }
    const component = haskellComponent(fields.get('package-name') ?? fields.get('name') ?? '', fields.get('version') ?? '')
    if (component === undefined)
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the name and the version of a Haskell package']) }
    const licence = fields.get('license') ?? ''
    const licences = licence !== '' && licence.length <= 512 && { licences: [licence] }
    return { occurrences: [{ component, at: { path: file.path }, extractor: this.id, ...licences }], gaps: [] }
  },
} satisfies Extractor
