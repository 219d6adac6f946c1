import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { haskellComponent } from './component.ts'

type Fields = Readonly<Record<string, unknown>>

/** What cabal built: `dist-newstyle/cache/plan.json`, each unit with what it needs. */
export const planJson = {
  id: 'haskell/plan-json',
  version: 1,
  title: 'plan.json of cabal',
  names: ['plan.json'],
  wants: ({ path }) => /(?:^|\/)dist-newstyle\/cache\/plan\.json$/.test(path),
  async read(file) {
    const plan = parseJson(await file.text())
    const units = isRecord(plan) ? plan['install-plan'] : undefined
    if (!Array.isArray(units)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a list install-plan']) }
    const problems: string[] = []
    const held = new Map<string, Unit>()
    const own: Fields[] = []
    for (const unit of units as readonly unknown[]) {
      const fields: Fields = isRecord(unit) ? unit : {}
      if (fields['style'] === 'local') own.push(fields)
      const component =
        fields['style'] === 'local' ? undefined : haskellComponent(textOf(fields, 'pkg-name') ?? '', textOf(fields, 'pkg-version') ?? '')
      if (component !== undefined) held.set(textOf(fields, 'id') ?? component.purl, { component, fields })
      else if (fields['style'] !== 'local')
        problems.push(`${quoted(textOf(fields, 'id') ?? '')}: expected the name and the version of a Haskell package`)
    }
    const direct = new Set(own.flatMap(needsOf).map((id) => held.get(id)?.component.purl))
    return { occurrences: occurrencesOf(file.path, held, direct), gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

type Unit = { readonly component: Component; readonly fields: Fields }

/** A package is several units where its libraries and programs are built apart: one occurrence, with all they need. */
function occurrencesOf(path: string, held: ReadonlyMap<string, Unit>, direct: ReadonlySet<string | undefined>): Occurrence[] {
  const byPurl = new Map<string, { component: Component; needs: Set<string>; hash: string }>()
  for (const { component, fields } of held.values()) {
    const one = byPurl.get(component.purl) ?? { component, needs: new Set<string>(), hash: textOf(fields, 'pkg-src-sha256') ?? '' }
    byPurl.set(component.purl, one)
    for (const id of needsOf(fields)) {
      const needed = held.get(id)?.component.purl
      if (needed !== undefined && needed !== component.purl) one.needs.add(needed)
    }
  }
  return [...byPurl.values()].map(({ component, needs, hash }) => ({
    component,
    at: { path },
    extractor: planJson.id,
    ...(direct.has(component.purl) && { direct: true }),
    ...(needs.size > 0 && { dependsOn: [...needs].sort() }),
    ...(/^[0-9a-f]{64}$/.test(hash) && { hashes: [`sha256:${hash}`] }),
  }))
}

/** `depends` of the unit, or of each of its `components`. */
function needsOf(unit: Fields): readonly string[] {
  const parts = isRecord(unit['components']) ? Object.values(unit['components']) : []
  return [unit, ...parts]
    .map((part) => (isRecord(part) ? part['depends'] : undefined))
    .flatMap((ids) => (Array.isArray(ids) ? ids : []))
    .filter((id): id is string => typeof id === 'string')
}
