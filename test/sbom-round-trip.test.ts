import { beforeAll, describe, expect, it } from 'vitest'
import { writeCycloneDx } from '../src/formats/cyclonedx/write.ts'
import type { SbomSubject } from '../src/formats/sbom-bill.ts'
import { readSbom } from '../src/formats/sbom.ts'
import type { Occurrence } from '../src/model/component.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { bill } from './bills.ts'
import { carriers } from './carriers.ts'
import { samples } from './samples.ts'

const writers: readonly (readonly [string, (subject: SbomSubject) => string])[] = [
  ['CycloneDX 1.4', (subject) => writeCycloneDx(subject, '1.4')],
  ['CycloneDX 1.6', (subject) => writeCycloneDx(subject, '1.6')],
  ['CycloneDX 1.7', (subject) => writeCycloneDx(subject, '1.7')],
]

/** What a document carries of an occurrence, whoever saw it. Licences and digests are those of all places of a component. */
const carried = ({ component, at, ownedBy, scope, direct, requirement }: Occurrence): string => {
  const { purl, type, name, version, distro, source, arch } = component
  return JSON.stringify([
    purl,
    type,
    name,
    version,
    distro,
    source?.name,
    source?.version,
    arch,
    at.path,
    at.layer,
    ownedBy,
    scope,
    direct,
    requirement,
  ])
}
const linesOf = (occurrences: readonly Occurrence[]) => new Set(occurrences.map(carried))

describe.each(writers)('what is written as %s is read as the same', (_, write) => {
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
    const text = write(given)
    const { occurrences, gaps, os, subject: about } = await readSbom(text, 'bom.json')
    const [before, after] = [linesOf(given.occurrences), linesOf(occurrences)]
    expect([[...before.difference(after)], [...after.difference(before)]]).toEqual([[], []])
    expect(gaps).toEqual([...given.gaps].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)))
    expect([os?.id, os?.version, os?.name]).toEqual([given.os?.id, given.os?.version, given.os?.name])
    expect(about).toEqual({ name: 'demo:1', type: 'container' })
    // Read and written once more it is the same document, but for who saw what.
    const again = write({ ...given, occurrences: occurrences.map((one) => ({ ...one, extractor: 'sbom' })), gaps })
    const first = write({ ...given, occurrences: given.occurrences.map((one) => ({ ...one, extractor: 'sbom' })) })
    expect(JSON.parse(again).components).toEqual(JSON.parse(first).components)
    expect(JSON.parse(again).dependencies).toEqual(JSON.parse(first).dependencies)
  })
})
