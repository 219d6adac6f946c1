import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { describe, expect, it } from 'vitest'
import { parsePurl } from './purl-read.ts'

describe('parsePurl', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9@:+~ .-]{0,10}[A-Za-z0-9]$/)
  it('reads what packageurl-js writes', () => {
    fc.assert(
      fc.property(
        fc.option(word, { nil: undefined }),
        word,
        fc.option(word, { nil: undefined }),
        word,
        (namespace, name, version, value) => {
          expect(parsePurl(new PackageURL('generic', namespace, name, version, { key: value }, undefined).toString())).toEqual({
            type: 'generic',
            name,
            ...(namespace !== undefined && { namespace }),
            ...(version !== undefined && { version }),
            qualifiers: { key: value },
          })
        },
      ),
    )
  })

  it('never throws on noise', () => {
    fc.assert(fc.property(fc.string(), (noise) => void parsePurl(`pkg:${noise}`)))
  })
})
