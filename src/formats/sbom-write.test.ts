import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bill } from '../../test/bills.ts'
import { brokenRules2, brokenRules3 } from '../../test/spdx-rules.ts'
import type { Occurrence } from '../model/component.ts'
import { sbomFormats, type SbomSubject } from '../model/sbom.ts'
import { purlOf } from './purl.ts'
import { writeSbom } from './sbom-write.ts'
import { readSbom } from './sbom.ts'

const text = (more: fc.StringConstraints = {}) => fc.string({ unit: 'binary', minLength: 1, maxLength: 20, ...more })
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })

/** What strangers' names may look like. */
const occurrence = fc
  .record({
    name: text().filter((name) => name.trim() !== '' && !name.includes('/')),
    version: fc.oneof(text(), fc.constant('9'.repeat(1_500))),
    path: text(),
    owner: maybe(text()),
    scope: maybe(fc.constantFrom('runtime', 'dev', 'optional', 'peer')),
    direct: maybe(fc.boolean()),
    licences: maybe(
      fc.array(fc.oneof(text(), fc.constantFrom('MIT', 'MIT OR Apache-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0', '(MIT'))),
    ),
    hashes: maybe(fc.array(fc.oneof(text(), fc.constantFrom(`sha1:${'0'.repeat(40)}`, `sha224:${'0'.repeat(56)}`, 'sha1:00')))),
  })
  .map(({ name, version, path, owner, scope, direct, licences, hashes }): Occurrence => {
    const component = {
      purl: purlOf('npm', undefined, name, version),
      type: 'npm',
      name: name.toWellFormed(),
      version: version.toWellFormed(),
    }
    return {
      ...{ component, at: { path }, extractor: 'npm/package-lock' },
      ...(owner !== undefined && { ownedBy: owner }),
      ...(scope !== undefined && { scope }),
      ...(direct !== undefined && { direct }),
      ...(licences !== undefined && { licences }),
      ...(hashes !== undefined && { hashes }),
    }
  })
const subject = fc.record({ occurrences: fc.array(occurrence, { maxLength: 8 }), reason: text() }).map(
  ({ occurrences, reason }): SbomSubject => ({
    ...bill,
    occurrences,
    gaps: [{ path: '', extractor: 'x', reason }],
  }),
)

const broken: Readonly<Record<(typeof sbomFormats)[number], (written: string) => unknown>> = {
  'cyclonedx-1.4': (written) => new Validation.JsonStrictValidator(Spec.Version.v1dot4).validate(written),
  'cyclonedx-1.6': (written) => new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(written),
  'cyclonedx-1.7': (written) => new Validation.JsonStrictValidator(Spec.Version.v1dot7).validate(written),
  'spdx-2.3': (written) => brokenRules2(JSON.parse(written))[0] ?? null,
  'spdx-3.0': (written) => brokenRules3(JSON.parse(written))[0] ?? null,
}

it.each(sbomFormats)('writes valid %s of names of any kind, and reads its components back', async (format) => {
  await fc.assert(
    fc.asyncProperty(subject, async (given) => {
      const written = writeSbom(given, format)
      expect(await broken[format](written)).toBeNull()
      const { occurrences } = await readSbom(written, 'x')
      const purls = (of: readonly Occurrence[]) => [...new Set(of.map(({ component }) => component.purl))].sort()
      expect(purls(occurrences)).toEqual(purls(given.occurrences))
    }),
    { numRuns: format.startsWith('cyclonedx') ? 15 : 100 },
  )
})
