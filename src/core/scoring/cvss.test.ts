import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedPath } from '../../../test/shared.ts'
import { AppError } from '../../model/errors.ts'
import { scoreVector } from './cvss.ts'

describe('scoreVector', () => {
  it.each([
    ['AV:N/AC:L/Au:N/C:P/I:P/A:P', { version: '2.0', baseScore: 7.5 }],
    ['(AV:N/AC:L/Au:N/C:P/I:P/A:P)', { version: '2.0', baseScore: 7.5 }],
    ['AV:L/AC:H/Au:M/C:N/I:N/A:N', { version: '2.0', baseScore: 0 }],
    ['AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C', { version: '2.0', baseScore: 7.8, temporalScore: 6.4 }],
    [
      'AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H',
      { version: '2.0', baseScore: 7.8, temporalScore: 6.4, environmentalScore: 9.2 },
    ],
    ['AV:L/AC:M/Au:S/C:N/I:P/A:P/E:F/RL:U', { version: '2.0', baseScore: 3, temporalScore: 2.9 }],
    ['AV:L/AC:H/Au:M/C:N/I:P/A:N/CR:M/IR:L', { version: '2.0', baseScore: 0.8, environmentalScore: 0 }],
    ['CVSS:3.0/AV:N/AC:H/PR:H/UI:N/S:U/C:L/I:N/A:H/RC:U', { version: '3.0', baseScore: 5, temporalScore: 4.6, environmentalScore: 4.6 }],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H', { version: '3.0', baseScore: 9.6, temporalScore: 9.6, environmentalScore: 9.6 }],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H', { version: '3.1', baseScore: 9.6, temporalScore: 9.6, environmentalScore: 9.7 }],
    [
      'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O',
      { version: '3.1', baseScore: 9.8, temporalScore: 8.5, environmentalScore: 8.5 },
    ],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L', { version: '3.1', baseScore: 9.8, temporalScore: 9.8, environmentalScore: 8.4 }],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', { version: '4.0', baseScore: 10 }],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', { version: '4.0', baseScore: 9.3 }],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U', { version: '4.0', baseScore: 8.1 }],
  ])('%s', (vector, expected) => expect(scoreVector(vector)).toEqual(expected))

  it.each([
    '',
    '9.8',
    'CVSS:3.1',
    'CVSS:3.1/',
    'CVSS:3.1/AV:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/XX:Y',
    'CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/',
    'CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:5.0/AV:N/AC:L/Au:N/C:P/I:P/A:P',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N',
    `CVSS:3.1/${'AV:N/'.repeat(10_000)}`,
  ])('refuses %j', (vector) => {
    expect(() => scoreVector(vector)).toThrow(AppError)
    expect(() => scoreVector(vector)).toThrow(/^expected a CVSS vector with /)
  })

  it('answers noise with a score or AppError invalid, nothing else', () => {
    const noise = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'CVSS:3.1/AV:N/AC:L/()'), maxLength: 60 }))
    fc.assert(
      fc.property(noise, (vector) => {
        try {
          expect(scoreVector(vector).baseScore).toBeGreaterThanOrEqual(0)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'AppError', code: 'invalid' })
        }
      }),
    )
  })
})

describe('scoreVector against tables from outside', () => {
  const absent = sharedPath('conformance/cvss') === undefined
  it.skipIf(absent).each(['cvsslib2', 'cvsslib3', 'simple2', 'simple3', 'simple31', 'simple4'])(
    `vectors_%s${absent ? ' (skipped: shared data absent)' : ''}`,
    (name) => {
      const path = sharedPath(`conformance/cvss/vectors_${name}`) ?? ''
      const wrong: unknown[] = []
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        const [vector = '', scores] = line.trim().split(' - ')
        if (scores === undefined) continue
        const expected = [...scores.matchAll(/None|-?[\d.]+/g)].map(([text]) => (text === 'None' ? undefined : Math.abs(Number(text))))
        const { baseScore, temporalScore, environmentalScore } = scoreVector(vector)
        const got = [baseScore, temporalScore, environmentalScore].slice(0, expected.length)
        if (JSON.stringify(got) !== JSON.stringify(expected)) wrong.push([vector, expected, got])
      }
      expect(wrong).toEqual([])
    },
  )
})
