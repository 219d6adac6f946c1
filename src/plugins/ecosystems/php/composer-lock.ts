import { isRecord, namesIn, parseJson } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { inVendor } from './places.ts'
import { occurrencesOf } from './packages.ts'

/** What Composer locked. Format: `composer.lock` as Composer 1 and 2 write it (getcomposer.org, "Basic usage"). */
export const composerLock = {
  id: 'php/composer-lock',
  version: 1,
  title: 'composer.lock',
  names: ['composer.lock'],
  wants: ({ path }) => (path === 'composer.lock' || path.endsWith('/composer.lock')) && !inVendor(path),
  async read(file, near) {
    const lock = parseJson(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const problems = lock['packages'] === undefined ? ['expected a list of packages'] : []
    const beside = await near.open(file.path.replace(/composer\.lock$/, 'composer.json')).catch(() => undefined)
    const direct = beside && askedFor(await beside.text().catch(() => ''))
    const groups = [
      { list: lock['packages'], scope: 'runtime' },
      { list: lock['packages-dev'], scope: 'dev' },
    ] as const
    const occurrences = occurrencesOf({ at: { path: file.path }, extractor: this.id }, groups, direct, problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** Names the project's own manifest asks for; undefined for what is no manifest: it only adds to what the lock says. */
function askedFor(text: string): ReadonlySet<string> | undefined {
  try {
    const manifest = parseJson(text)
    if (!isRecord(manifest)) return undefined
    return new Set([...namesIn(manifest['require']), ...namesIn(manifest['require-dev'])].map((name) => name.toLowerCase()))
  } catch {
    return undefined
  }
}
