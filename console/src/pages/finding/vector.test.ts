import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vectorInWords } from './vector.ts'

test('a v3.1 vector reads as sentences, temporal metrics left out', () => {
  expect(vectorInWords('CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N/E:H')).toEqual([
    { label: 'Attack from', value: 'The network' },
    { label: 'Attack complexity', value: 'High: needs conditions the attacker does not control' },
    { label: 'Privileges needed', value: 'Low' },
    { label: 'Needs a user to act', value: 'Yes' },
    { label: 'Reaches beyond the component', value: 'Yes' },
    { label: 'Loss of confidentiality', value: 'High' },
    { label: 'Loss of integrity', value: 'Low' },
    { label: 'Loss of availability', value: 'None' },
  ])
})

test('a v2 vector, with or without brackets', () => {
  const words = [
    { label: 'Attack from', value: 'The machine itself' },
    { label: 'Attack complexity', value: 'Medium: needs some conditions' },
    { label: 'Logins needed', value: 'Several' },
    { label: 'Loss of confidentiality', value: 'Partial' },
    { label: 'Loss of integrity', value: 'None' },
    { label: 'Loss of availability', value: 'Complete' },
  ]
  expect(vectorInWords('AV:L/AC:M/Au:M/C:P/I:N/A:C')).toEqual(words)
  expect(vectorInWords('(AV:L/AC:M/Au:M/C:P/I:N/A:C)')).toEqual(words)
})

test('a v4.0 vector tells harm here from harm behind it', () => {
  expect(vectorInWords('CVSS:4.0/AV:P/AC:L/AT:P/PR:N/UI:A/VC:H/VI:N/VA:N/SC:L/SI:N/SA:N')).toEqual([
    { label: 'Attack from', value: 'Physical access' },
    { label: 'Attack complexity', value: 'Low' },
    { label: 'Needs special conditions', value: 'Yes' },
    { label: 'Privileges needed', value: 'None' },
    { label: 'Needs a user to act', value: 'Actively' },
    { label: 'Loss of confidentiality, here', value: 'High' },
    { label: 'Loss of integrity, here', value: 'None' },
    { label: 'Loss of availability, here', value: 'None' },
    { label: 'Loss of confidentiality, behind it', value: 'Low' },
    { label: 'Loss of integrity, behind it', value: 'None' },
    { label: 'Loss of availability, behind it', value: 'None' },
  ])
})

test('anything else gives no words, and never throws', () => {
  expect(vectorInWords('CVSS:3.1/AV:constructor/toString:N')).toEqual([])
  fc.assert(fc.property(fc.string(), (noise) => vectorInWords(noise).every(({ label, value }) => label !== '' && value !== '')))
})
