import { beforeAll, describe, expect, it } from 'vitest'
import type { Inventory } from '../src/core/extraction/index.ts'
import { ecosystems } from '../src/plugins/ecosystems/index.ts'
import { carriers, type Carrier } from './carriers.ts'
import { samples } from './samples.ts'

const extractors = ecosystems.flatMap((ecosystem) => ecosystem.extractors)
const machine = samples().map(({ path, content, mode }) => ({ name: path, content, mode }))

/** Without what only layers have. */
const plain = ({ occurrences, ...rest }: Inventory) => ({
  ...rest,
  occurrences: occurrences.map(({ at: { path }, ...occurrence }) => ({ ...occurrence, at: { path } })),
})
const bytesOf = async (carrier: Carrier, entries = machine): Promise<string> =>
  JSON.stringify(plain(await carrier.look(entries, extractors)))

/** A function of Lambda has its files elsewhere: what lies there is no system. */
const alike = carriers.filter(({ family }) => family !== 'lambda')

describe('a machine that has one of everything gives the same bytes', () => {
  let first = ''
  beforeAll(async () => {
    first = await bytesOf(alike[0]!)
  })

  it('of which every unit made some', () => {
    const { occurrences, gaps, os } = JSON.parse(first) as Inventory
    expect(os).toEqual({ id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' })
    const told = new Set([...occurrences, ...gaps].map(({ extractor }) => extractor.split('/')[0]))
    // One tells the system itself.
    expect(ecosystems.map(({ id }) => id).filter((id) => !told.has(id))).toEqual(['os'])
  })

  for (const carrier of alike)
    it.skipIf(carrier.lacks !== undefined)(
      `in ${carrier.name}${carrier.lacks === undefined ? '' : ` (skipped: ${carrier.lacks})`}`,
      async () => {
        expect(await bytesOf(carrier)).toBe(first)
      },
    )
})

describe('a function of Lambda gives the bytes of a folder in which all lies where the function sees it', () => {
  it.each([
    ['Lambda archive', 'var/task'],
    ['Lambda layer', 'opt'],
  ])('%s', async (name, at) => {
    const placed = machine.map((entry) => ({ ...entry, name: `${at}/${entry.name}` }))
    const bytes = await bytesOf(carriers.find((carrier) => carrier.name === name)!)
    expect(bytes).toBe(await bytesOf(alike[0]!, placed))
    expect((JSON.parse(bytes) as Inventory).occurrences.length).toBeGreaterThan(100)
  })
})
