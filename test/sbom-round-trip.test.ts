import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { beforeAll, describe, expect, it } from 'vitest'
import { fullPurl } from '../src/formats/sbom-bill.ts'
import { writeSbom } from '../src/formats/sbom-write.ts'
import { readSbom } from '../src/formats/sbom.ts'
import type { Occurrence } from '../src/model/component.ts'
import { type SbomFormat, sbomFormats, type SbomSubject } from '../src/model/sbom.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { bill } from './bills.ts'
import { carriers } from './carriers.ts'
import { samples } from './samples.ts'
import { brokenRules2, brokenRules3 } from './spdx-rules.ts'

/** What a document carries of an occurrence; an architecture may be told in the purl or beside it. Licences and digests are those of all places of a component. */
const carried = ({ component, at, extractor, ownedBy, scope, direct, requirement }: Occurrence): string => {
  const { type, name, version, distro, source, arch } = component
  return JSON.stringify([
    fullPurl(component),
    type,
    name,
    version,
    distro,
    source?.name,
    source?.version,
    arch,
    at.path,
    at.layer,
    extractor,
    ownedBy,
    scope,
    direct,
    requirement,
  ])
}
const linesOf = (occurrences: readonly Occurrence[]) => new Set(occurrences.map(carried))

/** What a document breaks: of its published schema, or of the specification's rules. */
const broken: Readonly<Record<SbomFormat, (text: string) => unknown>> = {
  'cyclonedx-1.4': (text) => brokenSchema(Spec.Version.v1dot4, text),
  'cyclonedx-1.6': (text) => brokenSchema(Spec.Version.v1dot6, text),
  'cyclonedx-1.7': (text) => brokenSchema(Spec.Version.v1dot7, text),
  'spdx-2.3': (text) => brokenRules2(JSON.parse(text)),
  'spdx-3.0': (text) => brokenRules3(JSON.parse(text)),
}
const brokenSchema = async (version: Spec.Version, text: string) => (await new Validation.JsonStrictValidator(version).validate(text)) ?? []

/** What each package needs of what is there. */
function needsOf(occurrences: readonly Occurrence[]) {
  const there = new Map(occurrences.map(({ component }) => [component.purl, fullPurl(component)]))
  const grouped = Map.groupBy(occurrences, ({ component }) => fullPurl(component))
  const needs = [...grouped].map(([purl, found]): [string, string[]] => {
    const needed = found.flatMap(({ dependsOn }) => dependsOn ?? []).flatMap((one) => there.get(one) ?? [])
    return [purl, [...new Set(needed)].sort()]
  })
  return Object.fromEntries(needs.filter(([, needed]) => needed.length > 0))
}

describe.each(sbomFormats)('what is written as %s is read as the same', (format) => {
  let machine: SbomSubject
  beforeAll(async () => {
    const entries = samples().map(({ path, content, mode }) => ({ name: path, content, mode }))
    const image = carriers.find(({ family }) => family === 'layers')!
    const { occurrences, gaps, os } = await image.look(
      entries,
      ecosystems.flatMap(({ extractors }) => extractors),
    )
    machine = { ...bill, occurrences, gaps, ...(os && { os }) }
  })

  it.each([
    ['a bill of one of everything', () => bill],
    ['a machine that every unit saw something on', () => machine],
  ])('%s', async (_name, subject) => {
    const given = subject()
    const text = writeSbom(given, format)
    expect(await broken[format](text)).toEqual([])
    const { occurrences, gaps, os, subject: about } = await readSbom(text, 'bom.json')
    const [before, after] = [linesOf(given.occurrences), linesOf(occurrences)]
    expect([[...before.difference(after)], [...after.difference(before)]]).toEqual([[], []])
    expect(gaps).toEqual([...given.gaps].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)))
    expect([os?.id, os?.version, os?.name]).toEqual([given.os?.id, given.os?.version, given.os?.name])
    expect(about).toEqual({ name: 'demo:1', type: 'container' })
    expect(needsOf(occurrences)).toEqual(needsOf(given.occurrences))
  })
})
