import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { occurrencesOf } from './packages.ts'

/** What Composer installed: `vendor/composer/installed.json`, a list in Composer 1, an object with `dev-package-names` in Composer 2. */
export const installed = {
  id: 'php/installed',
  version: 1,
  title: 'Installed Composer packages',
  names: ['installed.json'],
  wants: ({ path }) => path === 'composer/installed.json' || path.endsWith('/composer/installed.json'),
  async read(file) {
    const value = parseJson(await file.text())
    const list = Array.isArray(value) ? value : isRecord(value) ? value['packages'] : undefined
    if (!Array.isArray(list)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a list of packages']) }
    const names = isRecord(value) && Array.isArray(value['dev-package-names']) ? value['dev-package-names'] : []
    const dev = new Set(names)
    const isDev = (one: unknown) => isRecord(one) && dev.has(one['name'])
    const problems: string[] = []
    const groups = [
      { list: list.filter((one) => !isDev(one)), scope: 'runtime' },
      { list: list.filter(isDev), scope: 'dev' },
    ] as const
    const occurrences = occurrencesOf({ at: { path: file.path }, extractor: this.id }, groups, undefined, problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
