import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { describe, expect, it } from 'vitest'
import { purlOf } from './purl.ts'

describe('purlOf', () => {
  it.each([
    [purlOf('npm', undefined, 'lodash', '4.17.20'), 'pkg:npm/lodash@4.17.20'],
    [purlOf('npm', '@babel', 'core', '7.0.0-beta.1+x.y'), 'pkg:npm/%40babel/core@7.0.0-beta.1+x.y'],
    [purlOf('npm', undefined, 'JSONStream', '1.3.5'), 'pkg:npm/JSONStream@1.3.5'],
    [purlOf('npm', undefined, 'x', 'git+ssh://h/x#1'), 'pkg:npm/x@git+ssh:%2F%2Fh%2Fx%231'],
    [purlOf('npm', undefined, 'x', ''), 'pkg:npm/x'],
    [
      purlOf('deb', 'debian', 'libstdc++6', '1:12.2.0-14+deb12u1~x', { arch: 'amd64' }),
      'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14+deb12u1~x?arch=amd64',
    ],
    [purlOf('npm', undefined, '\ud800', '1'), 'pkg:npm/%EF%BF%BD@1'],
  ])('%s', (purl, expected) => expect(purl).toBe(expected))

  it('spells what packageurl-js spells, for names in lower case', () => {
    const part = fc
      .string({ unit: fc.constantFrom(...'abz019.-_~+:@ %é#?'), minLength: 1, maxLength: 8 })
      .filter((text) => text.trim() === text)
    const noColon = part.map((text) => text.replaceAll(':', 'x'))
    fc.assert(
      fc.property(noColon, part, part, (namespace, name, version) => {
        expect(purlOf('npm', namespace, name, version, { arch: 'a-1' })).toBe(
          new PackageURL('npm', namespace, name, version, { arch: 'a-1' }, undefined).toString(),
        )
      }),
    )
  })
})
