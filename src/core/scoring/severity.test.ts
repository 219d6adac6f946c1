import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../model/advisory.ts'
import { bandOfWord, chooseBase, severityOf } from './severity.ts'

const v2: Severity = { type: 'CVSS_V2', vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P', source: 'NVD' }
const v3: Severity = { type: 'CVSS_V3', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'NVD' }
const v30: Severity = { ...v3, vector: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }
const lower: Severity = { ...v3, vector: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N' }
const v4: Severity = { type: 'CVSS_V4', vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', source: 'GITHUB' }
const of = (source: string, severity = v3): Severity => ({ ...severity, source })

describe('chooseBase', () => {
  it.each([
    ['version 3 before 2', [v2, v3], v3],
    ['version 3 before 4', [v4, v3], v3],
    ['version 2 before 4', [v4, v2], v2],
    ['version 4 where it is alone', [v4], v4],
    ['the vendor before NVD, though it scores lower', [v3, of('DEBIAN', lower)], of('DEBIAN', lower)],
    ['NVD before GitHub', [of('GITHUB', lower), v3], v3],
    ['GitHub before others', [of('ACME'), of('GITHUB')], of('GITHUB')],
    ['others by name', [of('ZED'), of('ACME')], of('ACME')],
    ['3.1 before 3.0', [v30, v3], v3],
    ['the higher score of one source', [lower, v3], v3],
    ['what can be scored', [{ ...v3, source: 'DEBIAN', vector: 'CVSS:3.1/AV:N' }, v2], v2],
    ['nothing', [{ ...v3, vector: '9.8' }], undefined],
  ])('%s', (_title, given, expected) => expect(chooseBase(given)?.severity).toEqual(expected))

  it('takes another preference', () => {
    expect(chooseBase([v3, of('GITHUB', lower)], ['GITHUB'])?.severity).toEqual(of('GITHUB', lower))
  })
  it('does not depend on the order', () => {
    const all = [v2, v3, v30, v4, lower, of('DEBIAN'), of('ACME'), of('ZED', v4)]
    fc.assert(
      fc.property(
        fc.subarray(all).chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([given, shuffled]) => {
          expect(chooseBase(shuffled)).toEqual(chooseBase(given))
        },
      ),
    )
  })
})

describe('severityOf', () => {
  it('is the band of the chosen vector, whatever the vendor says', () => {
    expect(severityOf({ severities: [v3], vendorSeverities: ['unimportant'] })).toEqual({
      severity: 'CRITICAL',
      from: 'vector',
      base: { severity: v3, score: { version: '3.1', baseScore: 9.8, temporalScore: 9.8, environmentalScore: 9.8 } },
    })
  })
  it('is the first word that says something, where there is no vector', () => {
    expect(severityOf({ severities: [], vendorSeverities: [undefined, 'not yet assigned', 'MODERATE', 'low'] })).toEqual({
      severity: 'MEDIUM',
      from: 'vendor',
      word: 'MODERATE',
    })
  })
  it('is CRITICAL for a malicious package', () => {
    expect(severityOf({ severities: [], malicious: true })).toEqual({ severity: 'CRITICAL', from: 'malicious' })
    expect(severityOf({ severities: [lower], malicious: true })).toMatchObject({ severity: 'CRITICAL', base: { severity: lower } })
  })
  it('is UNTRIAGED, and never a band, when nobody said anything', () => {
    expect(severityOf({ severities: [] })).toEqual({ severity: 'UNTRIAGED', from: 'nothing' })
    expect(severityOf({ severities: [{ ...v3, vector: 'broken' }], vendorSeverities: ['not yet assigned'] })).toEqual({
      severity: 'UNTRIAGED',
      from: 'nothing',
    })
  })
})

describe('bandOfWord', () => {
  it.each([
    ['unimportant', 'INFORMATIONAL'],
    ['negligible', 'INFORMATIONAL'],
    ['low', 'LOW'],
    ['low**', 'LOW'],
    ['Moderate', 'MEDIUM'],
    ['MODERATE', 'MEDIUM'],
    ['medium', 'MEDIUM'],
    ['Important', 'HIGH'],
    ['high', 'HIGH'],
    ['CRITICAL', 'CRITICAL'],
    ['not yet assigned', undefined],
    ['end-of-life', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%j', (word, expected) => expect(bandOfWord(word)).toBe(expected))
})
