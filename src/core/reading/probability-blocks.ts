import type { Probability } from '../../model/advisory.ts'

/** EPSS has a score for most CVE numbers, so a block of this many lies in one row, as arrays. */
export const blockSize = 1_000

/** Columns of all blocks. Arrays are text, which the database reads several times faster than JSON. */
export type ProbabilityBlocks = {
  readonly years: readonly number[]
  readonly blocks: readonly number[]
  readonly numbers: readonly string[]
  readonly scores: readonly string[]
  readonly percentiles: readonly string[]
}

type Block = { readonly numbers: number[]; readonly scores: number[]; readonly percentiles: number[] }

/** Gathers probabilities as they are stored; what is no CVE is left out. */
export function probabilityBlocks(): { add(probability: Probability): void; all(): ProbabilityBlocks } {
  const years = new Map<number, Map<number, Block>>()
  return {
    add({ vulnerability, score, percentile }) {
      const [, year, digits] = /^CVE-(\d{4})-(\d{1,9})$/.exec(vulnerability) ?? []
      if (year === undefined || digits === undefined) return
      const number = Number(digits)
      const { numbers, scores, percentiles } = blockAt(years, Number(year), Math.floor(number / blockSize))
      numbers.push(number)
      scores.push(score)
      percentiles.push(percentile)
    },
    all() {
      const found = [...years].flatMap(([year, blocks]) => [...blocks].map(([at, block]) => ({ year, at, block })))
      const arrays = (read: (block: Block) => readonly number[]) => found.map(({ block }) => `{${read(block).join(',')}}`)
      return {
        years: found.map(({ year }) => year),
        blocks: found.map(({ at }) => at),
        numbers: arrays(({ numbers }) => numbers),
        scores: arrays(({ scores }) => scores),
        percentiles: arrays(({ percentiles }) => percentiles),
      }
    },
  }
}

function blockAt(years: Map<number, Map<number, Block>>, year: number, at: number): Block {
  let blocks = years.get(year)
  if (blocks === undefined) years.set(year, (blocks = new Map<number, Block>()))
  let block = blocks.get(at)
  if (block === undefined) blocks.set(at, (block = { numbers: [], scores: [], percentiles: [] }))
  return block
}
