import type { Program, ProgramBytes } from '../../../formats/program-file.ts'
import type { Known } from './known.ts'

/** Sections of texts that never change: where compilers put what a program says. */
const texts = /^(?:\.rodata|\.rdata|__cstring|__const|\.data\.rel\.ro)/
/** Where they put what it may write to. */
const variables = /^(?:\.data|__data)$/
/** Bytes of all sections that are searched, and characters on either side of a text in which its version stands. */
const [SEARCHED, AROUND] = [64 << 20, 400]
const PLACES = 50

/** What is found of one known thing: its version, or nothing where the text stands without one. */
export type Found = { readonly name: string; readonly version?: string }

/** Which of the known things a program is. Each text is searched for in turn, in time that grows with the program. */
export async function knownIn(file: ProgramBytes, program: Program, known: readonly Known[]): Promise<Found | undefined> {
  const { linkName, kind } = program
  const asked = known.filter(({ library }) =>
    library === undefined ? kind === 'program' : linkName !== undefined && library.test(linkName),
  )
  if (asked.length === 0) return undefined
  const constant = await contentsOf(file, textsOf(program))
  const written = asked.some(({ writable }) => writable) ? await contentsOf(file, named(program, variables)) : []
  let unnumbered: Found | undefined
  for (const { name, holds, with: also, without, writable, version: shape } of asked) {
    const contents = writable ? written : constant
    const has = (text: string) => constant.some((content) => content.includes(text, 0, 'latin1'))
    if ((also !== undefined && !has(also)) || (without !== undefined && has(without))) continue
    for (const content of contents) {
      const at = content.indexOf(holds, 0, 'latin1')
      if (at === -1) continue
      const version = versionOf(contents, { content, at, holds }, shape)
      // A program is one thing: what it is found to be first ends the search.
      if (version !== undefined) return { name, version }
      if ('alone' in shape) unnumbered = { name }
    }
  }
  return unnumbered
}

type Part = { readonly offset: number; readonly size: number }

/** Sections may claim to lie over each other: in all no more is read than one could have. */
async function contentsOf(file: ProgramBytes, parts: readonly Part[]): Promise<readonly Buffer[]> {
  const contents: Buffer[] = []
  let left = SEARCHED
  for (const { offset, size } of parts) {
    if (left === 0) break
    const content = Buffer.from(await file.range(offset, Math.min(size, left)))
    left -= content.length
    contents.push(content)
  }
  return contents
}

function textsOf(program: Program): readonly Part[] {
  if (program.sections.length > 0) return named(program, texts)
  return program.segments.filter(({ writable, size }) => !writable && size > 0)
}

const named = ({ sections }: Program, names: RegExp): readonly Part[] => sections.filter(({ name, size }) => size > 0 && names.test(name))

type Place = { readonly content: Buffer; readonly at: number; readonly holds: string }

function versionOf(contents: readonly Buffer[], { content, at, holds }: Place, shape: Known['version']): string | undefined {
  if ('alone' in shape) return onlyOne(contents, shape.alone)
  if ('near' in shape) return versionNear(content, at, holds, shape.near)
  const joined = versionNear(content, at, holds, shape.joined) ?? ''
  const parts = Array.from({ length: joined.length }, (_, cut) => joined.slice(0, joined.length - cut))
  return parts.find((part) => /\d$/.test(part) && contents.some((one) => one.includes(`\0${part}\0`, 0, 'latin1')))
}

/** The text may stand at several places, and the version at one of them. */
function versionNear(content: Buffer, first: number, holds: string, pattern: RegExp): string | undefined {
  let at = first
  for (let place = 0; at !== -1 && place < PLACES; place++) {
    const around = content.toString('latin1', Math.max(0, at - AROUND), at + holds.length + AROUND)
    const parts = pattern.exec(around)?.slice(1)
    if (parts !== undefined) return parts.join('.')
    at = content.indexOf(holds, at + 1, 'latin1')
  }
  return undefined
}

/** Where two texts have the shape of a version, neither is taken for it. */
function onlyOne(contents: readonly Buffer[], pattern: RegExp): string | undefined {
  const versions = new Set<string>()
  for (const content of contents) {
    for (const [, version] of content.toString('latin1').matchAll(pattern)) {
      if (version !== undefined) versions.add(version)
      if (versions.size > 1) return undefined
    }
  }
  return [...versions][0]
}
