import { describe, expect, it } from 'vitest'
import type { Affected, Range, RangeEvent } from '../../model/advisory.ts'
import { schemes } from '../../plugins/schemes/index.ts'
import { decide } from './decide.ts'

const semver = schemes.find(({ id }) => id === 'semver') as (typeof schemes)[number]
const range = (...events: RangeEvent[]): Range => ({ type: 'SEMVER', events })
const affected = (ranges: Range[], versions: string[] = []): Affected => ({ ecosystem: 'npm', name: 'x', ranges, versions })
const first = range({ introduced: '0' }, { fixed: '1.2.3' })
const second = range({ introduced: '1.2.0' }, { fixed: '1.3.0' })
const open = range({ introduced: '1.1.0' })

describe('decide', () => {
  it('names the range that holds the version, and its fix', () => {
    expect(decide({ version: '1.0.0' }, affected([first]), semver)).toEqual({ is: 'affected', why: { range: first }, fixedIn: '1.2.3' })
  })
  it('goes past a fix that another range holds', () => {
    expect(decide({ version: '1.0.0' }, affected([first, second]), semver)).toEqual({
      is: 'affected',
      why: { range: first },
      fixedIn: '1.3.0',
    })
  })
  it('knows no fix when a range that holds the version, or its fix, never ends', () => {
    expect(decide({ version: '1.1.5' }, affected([first, open]), semver)).toEqual({ is: 'affected', why: { range: first } })
    expect(decide({ version: '1.0.0' }, affected([first, open]), semver)).toEqual({ is: 'affected', why: { range: first } })
  })
  it('takes the second range where the first does not hold', () => {
    expect(decide({ version: '1.2.9' }, affected([first, second]), semver)).toEqual({
      is: 'affected',
      why: { range: second },
      fixedIn: '1.3.0',
    })
  })
  it('takes a listed version, beside ranges and without', () => {
    expect(decide({ version: '5.0.0' }, affected([first], ['5.0.0']), semver)).toEqual({ is: 'affected', why: { version: '5.0.0' } })
    expect(decide({ version: 'v5.0.0' }, affected([], ['4.0.0', '5.0.0']), semver)).toEqual({ is: 'affected', why: { version: '5.0.0' } })
    expect(decide({ version: 'odd' }, affected([], ['odd']), semver)).toEqual({ is: 'affected', why: { version: 'odd' } })
  })
  it('says when it is not affected', () => {
    expect(decide({ version: '1.4.0' }, affected([first, second], ['1.0.0']), semver)).toEqual({ is: 'unaffected' })
    expect(decide({ version: '1.4.0' }, affected([]), semver)).toEqual({ is: 'unaffected' })
  })
  it('says what it cannot order, unless another range holds the version', () => {
    const odd = range({ introduced: '0' }, { fixed: 'next' })
    expect(decide({ version: '1.4.0' }, affected([first, odd]), semver)).toEqual({
      is: 'undecided',
      because: 'cannot order 1.4.0 against [{"introduced":"0"},{"fixed":"next"}]',
    })
    expect(decide({ version: '1.0.0' }, affected([odd, first]), semver)).toMatchObject({ is: 'affected', why: { range: first } })
    expect(decide({ version: '1.4.0' }, affected([odd], ['v1.4.0']), semver)).toEqual({ is: 'affected', why: { version: 'v1.4.0' } })
  })
})
