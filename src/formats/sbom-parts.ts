import { limits } from '../kit/limits.ts'
import { INSIDE } from '../kit/paths.ts'
import type { Component, Gap, Location, Occurrence, OperatingSystem, SourcePackage } from '../model/component.ts'
import { AppError } from '../model/errors.ts'
import type { VexClaim } from '../model/resource.ts'
import { claimsOf, type SbomClaim } from './sbom-claims.ts'
import { componentOfPurl, longest } from './sbom-component.ts'

/** One package as a document tells it, in whatever format. */
export type SbomPart = {
  /** What the document itself calls it by. */
  readonly ref?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  readonly purl?: string | undefined
  /** A name by which it may be found where it has no package URL. */
  readonly cpe?: string | undefined
  /** false: it stands for no software that could be installed, and nothing is missing where it has no package URL. */
  readonly software: boolean
  readonly source?: SourcePackage | undefined
  /** Modularity label of an rpm package. */
  readonly module?: string | undefined
  readonly found: readonly Found[]
  /** `found` says all there is to say: whether it is direct, too. */
  readonly exact?: boolean
  readonly licences: readonly string[]
  readonly hashes: readonly string[]
}
/** Where a part was found, and what it is there for. Without a path the document stands for it. */
export type Found = Pick<Occurrence, 'ownedBy' | 'scope' | 'direct' | 'requirement'> & Partial<Location> & { readonly extractor?: string }

/** A document as its format's reader understood it. */
export type SbomDocument = {
  readonly parts: readonly SbomPart[]
  /** Which parts need which, by their references. */
  readonly needs: readonly (readonly [ref: string, needed: readonly string[]])[]
  /** Reference of what the document is about. */
  readonly root?: string | undefined
  readonly systems: readonly OperatingSystem[]
  readonly subject?: { readonly name: string; readonly type: string } | undefined
  /** What could not be read, and what the document says it lacks. */
  readonly doubts: readonly string[]
  /** Gaps that a document of our own carries. */
  readonly gaps: readonly Gap[]
  readonly claims?: readonly SbomClaim[]
}

/** What an SBOM says. */
export type SbomContent = {
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  readonly os?: OperatingSystem
  /** What the document is about; `type` in CycloneDX's words, or ''. */
  readonly subject?: { readonly name: string; readonly type: string }
  /** What it says of vulnerabilities. */
  readonly vex?: readonly VexClaim[]
}

/** Throws AppError `invalid` for a document of more components than can be held in memory. */
export function checkCount(components: number, named: string): void {
  if (components > limits.occurrences) throw new AppError('invalid', `${named} lists more than ${limits.occurrences} components: not read`)
}

/** Components as our own extractors would have written them, and a gap for whatever cannot be judged. `named` is where it came from. */
export function contentOf(document: SbomDocument, named: string): SbomContent {
  const { parts, subject } = document
  checkCount(
    parts.reduce((sum, { found }) => sum + Math.max(1, found.length), 0),
    named,
  )
  const doubts = doubtsOf(named)
  document.doubts.forEach(doubts.list)
  const os = systemOf(document.systems, doubts)
  const known = parts.map((part) => ({ part, component: componentOfPart(part, os, doubts) }))
  // A list of nothing is no proof that there is nothing.
  if (!parts.some(({ software }) => software) && doubts.none() && document.gaps.length === 0) doubts.list('it lists no components')
  const { purls, neededBy, direct } = dependencies(document, known, doubts)
  const vex = claimsOf(document.claims ?? [], { purls, root: document.root, source: named }, (reason) =>
    doubts.beside('vulnerabilities', reason),
  )
  const occurrences = known.flatMap(({ part, component }) => {
    if (component === undefined) return []
    const dependsOn = part.ref === undefined ? undefined : neededBy.get(part.ref)
    const told: Partial<Occurrence> = {
      ...(part.exact !== true && part.ref !== undefined && direct.has(part.ref) && { direct: true }),
      ...(dependsOn !== undefined && { dependsOn }),
      ...(part.licences.length > 0 && { licences: part.licences }),
      ...(part.hashes.length > 0 && { hashes: part.hashes }),
    }
    const found: readonly Found[] = part.found.length > 0 ? part.found : [{}]
    return found.map(({ path = inside(named, part.name), layer, ...role }): Occurrence => {
      const at = { path, ...(layer !== undefined && { layer }) }
      return { component, at, extractor: 'sbom', ...told, ...role }
    })
  })
  const gaps = [...doubts.gaps(), ...document.gaps]
  return { occurrences, gaps, ...(os && { os }), ...(subject && { subject }), ...(vex.length > 0 && { vex }) }
}

/** The place of what a document tells no other of: its entry there. What is doubted of one entry leaves the others without doubt. */
function inside(named: string, entry: string): string {
  const path = `${named}${INSIDE}${entry}`
  return Buffer.byteLength(path) > limits.pathBytes ? named : path
}

/** Gaps, each where it is: of the whole list, for it may hide any component, of one part, or of a list beside that hides none. */
function doubtsOf(named: string) {
  const found = new Map<string, Gap>()
  let others = 0
  const add = (path: string, reason: string) => {
    const key = `${path}\0${reason}`
    if (found.size < limits.gaps) found.set(key, { path, extractor: 'sbom', reason })
    else if (!found.has(key)) others++
  }
  return {
    list: (reason: string) => add(named, reason),
    beside: (list: 'dependencies' | 'vulnerabilities', reason: string) => add(inside(named, list), reason),
    part({ found: places, name }: SbomPart, reason: string) {
      const paths = new Set(places.map(({ path }) => path ?? inside(named, name)))
      for (const path of paths.size === 0 ? [inside(named, name)] : paths) add(path, reason)
    },
    none: () => found.size === 0,
    gaps: (): readonly Gap[] => {
      const more = { path: named, extractor: 'sbom', reason: `${others} more gaps are not listed` }
      return [...found.values(), ...(others === 0 ? [] : [more])]
    },
  }
}
type Doubts = ReturnType<typeof doubtsOf>

/** Packages that do not say which system they belong to can only be those of the one that the document names. */
function systemOf(systems: readonly OperatingSystem[], doubts: Doubts): OperatingSystem | undefined {
  const distinct = new Map(systems.map((one) => [`${one.id} ${one.version ?? ''}`.trim(), one]))
  if (distinct.size > 1)
    doubts.list(`it names ${distinct.size} operating systems (${listed([...distinct.keys()])}): packages that do not say theirs have none`)
  return distinct.size === 1 ? systems[0] : undefined
}

function componentOfPart(part: SbomPart, os: OperatingSystem | undefined, doubts: Doubts): Component | undefined {
  const { purl, version, source, module, found } = part
  if (purl === undefined) {
    if (part.software) doubts.part(part, nameless(part))
    return undefined
  }
  const declared = found.length > 0 && found.every(({ scope }) => scope === 'declared')
  const component = componentOfPurl(purl, { version, source, module, os, declared })
  if (!('reason' in component)) return component
  doubts.part(part, component.reason)
  return undefined
}

function nameless({ name, version, cpe }: SbomPart): string {
  const title = listed([version === undefined || version === '' ? name : `${name}@${version}`])
  return `${title} has no package URL${cpe === undefined ? '' : `, only the CPE ${cpe.slice(0, 200)},`} and cannot be judged`
}

type Known = { readonly part: SbomPart; readonly component: Component | undefined }

/** Package URLs that each part needs, sorted; and the parts that what the document is about needs itself. */
function dependencies({ needs, root }: SbomDocument, known: readonly Known[], doubts: Doubts) {
  const purls = new Map<string, string>()
  const repeated = new Set<string>()
  for (const { part, component } of known) {
    if (part.ref === undefined || component === undefined) continue
    const held = purls.get(part.ref)
    if (held !== undefined && held !== component.purl) repeated.add(part.ref)
    purls.set(part.ref, component.purl)
  }
  if (repeated.size > 0)
    doubts.beside(
      'dependencies',
      `${repeated.size} references name more than one component: what needs them is not known: ${listed([...repeated])}`,
    )
  const wanted = new Map<string, Set<string>>()
  const direct = new Set<string>()
  let edges = 0
  for (const [ref, needed] of needs) {
    edges += needed.length
    if (edges > limits.occurrences) {
      doubts.beside('dependencies', `it tells more than ${limits.occurrences} dependencies: the others are not kept`)
      break
    }
    if (ref === root) for (const one of needed) direct.add(one)
    if (!purls.has(ref)) continue
    const set = wanted.get(ref) ?? new Set()
    for (const one of needed) {
      const purl = repeated.has(one) ? undefined : purls.get(one)
      if (purl !== undefined) set.add(purl)
    }
    wanted.set(ref, set)
  }
  const neededBy = new Map([...wanted].flatMap(([ref, set]) => (set.size === 0 ? [] : [[ref, [...set].sort()]])))
  // Where all hang on the root, the document knows of no graph.
  const knowsGraph = [...purls.keys()].some((ref) => !direct.has(ref))
  for (const ref of repeated) purls.delete(ref)
  return { purls, neededBy, direct: knowsGraph ? direct : new Set<string>() }
}

/** The first of many names, each as far as a person reads it. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => (name.length > 100 ? `${name.slice(0, 100)} ...` : name))
  return [...first, ...(names.length > 5 ? ['...'] : [])].join(', ')
}

/** A path as ours are; undefined: it is none, or longer than any path may be. */
export function pathOf(told: string | undefined): string | undefined {
  const path = (told ?? '').replace(/^(?:\.?\/+)+/, '')
  return path === '' || path === '.' || Buffer.byteLength(path) > limits.pathBytes ? undefined : path
}

/** A path and the digest of the layer it is in, as far as they are what they should be. */
export function placeOf(told: string | undefined, layer: string | undefined): Partial<Location> {
  const path = pathOf(told)
  return { ...(path !== undefined && { path }), ...(layer !== undefined && /^sha256:[0-9a-f]{64}$/.test(layer) && { layer }) }
}

/** Licences as they are kept: sorted, none twice, none longer than a licence's name or expression is. */
export function licencesOf(told: readonly (string | undefined)[]): readonly string[] {
  const names = told.flatMap((one) => one?.trim() ?? []).filter((one) => one !== '' && one.length <= 512)
  return [...new Set(names)].sort().slice(0, 100)
}

/** A text that is kept beside a component; undefined where it is empty or too long for any index. */
export const kept = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || Buffer.byteLength(text) > longest ? undefined : text
