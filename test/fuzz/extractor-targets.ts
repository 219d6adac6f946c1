import { parsePurl } from '../../src/formats/purl-read.ts'
import { HEAD, limits } from '../../src/kit/limits.ts'
import { fileOf } from '../../src/kit/paths.ts'
import { fileInMemory } from '../../src/kit/scan-file.ts'
import type { Extracted, Extractor, ScanFile } from '../../src/model/seams.ts'
import { ecosystems } from '../../src/plugins/ecosystems/index.ts'
import { samples, type Sample } from '../samples.ts'
import { Broken, type FuzzTarget } from './target.ts'

/** Every extractor, on the samples of its unit: the first byte of an input says as which of them the rest is read. */
export function extractorTargets(): readonly FuzzTarget[] {
  const all = samples()
  return ecosystems.flatMap(({ id: unit, extractors }) =>
    extractors.flatMap((extractor) => {
      const beside = all.filter((sample) => sample.unit === unit)
      const own = beside.filter(({ path, content, mode }) => extractor.wants({ path, size: content.length, mode }))
      return own.length === 0 ? [] : [targetOf(extractor, own, beside)]
    }),
  )
}

/** The byte that chooses the first sample: `0`, so that inputs of text stay text. */
const FIRST = 48

function targetOf(extractor: Extractor, own: readonly Sample[], beside: readonly Sample[]): FuzzTarget {
  const isText = own.every(({ content }) => !content.includes(0))
  return {
    id: extractor.id,
    seeds: own.map(({ content }, at) => Buffer.concat([Buffer.from([FIRST + at]), content])),
    shape: isText ? 'text' : 'bytes',
    async run(input) {
      const { path, mode } = own[Math.abs((input[0] ?? FIRST) - FIRST) % own.length]!
      const content = input.subarray(1)
      const near = {
        open: async (asked: string) => {
          const found = asked === path ? undefined : beside.find((sample) => sample.path === asked)
          return asked === path ? inMemory(path, content, mode) : found && inMemory(asked, found.content, found.mode)
        },
      }
      if (!extractor.wants({ path, size: content.length, mode })) return 'not wanted'
      if (extractor.starts?.(content.subarray(0, HEAD)) === false) return 'not its kind'
      const extracted = await extractor.read(inMemory(path, content, mode), near)
      check(extractor, path, content.length, extracted)
      return extracted
    },
  }
}

const inMemory = (path: string, content: Uint8Array, mode: number): ScanFile =>
  fileInMemory({ path, size: content.length, mode }, content, limits.fileBytes)

function check(extractor: Extractor, path: string, size: number, { occurrences, gaps, owned = [] }: Extracted): void {
  const broken = (why: string, of: unknown) => new Broken(`${why}: ${(JSON.stringify(of) ?? 'undefined').slice(0, 300)}`)
  for (const occurrence of occurrences) {
    const { component, at, extractor: by, scope, dependsOn = [] } = occurrence
    if (by !== extractor.id || fileOf(at.path) !== path) throw broken('an occurrence of another extractor or place', occurrence)
    if (component.name === '') throw broken('a component without a name', component)
    if (!(scope === 'declared' ? /^\S*$/ : /^\S+$/).test(component.version)) throw broken('a version that is none', component)
    const purl = parsePurl(component.purl)
    if (purl?.type !== component.type) throw broken('a purl that does not parse back', component)
    if (component.version !== '' && purl.version === undefined) throw broken('a purl without its version', component)
    for (const needed of dependsOn) if (parsePurl(needed) === undefined) throw broken('it needs what is no purl', needed)
  }
  for (const gap of gaps) {
    if (gap.extractor !== extractor.id || fileOf(gap.path) !== path) throw broken('a gap of another extractor or place', gap)
    if (gap.reason.trim() === '' || gap.reason.length > 10_000) throw broken('a gap without a reason, or with an endless one', gap)
  }
  for (const { owner, paths } of owned)
    if (owner === '' || paths.some((name) => name === '' || name.startsWith('/'))) throw broken('files owned by nobody, or nowhere', owner)
  // Every package takes some bytes to name: more packages than bytes means that few bytes can fill the memory.
  if (occurrences.length + gaps.length > size + 64) throw broken('more is told than was there', [occurrences.length, gaps.length, size])
}
