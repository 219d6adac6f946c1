import { join } from 'node:path'
import type { Component, Gap, Occurrence } from '../model/component.ts'
import type { SeverityBand } from '../model/finding.ts'
import type { GitFacts, VexClaim } from '../model/resource.ts'
import type { SbomFormat } from '../model/sbom.ts'
import { byPreference } from '../core/matching/index.ts'
import { severityOf } from '../core/scoring/index.ts'
import { writeSbom } from '../formats/sbom-write.ts'
import { type Support, supportOf, supportWords, systemName } from '../core/lifecycle/index.ts'
import { folderCache } from '../kit/folder-cache.ts'
import { advisoriesFor, type AdvisoryPlace, type KnowledgeWord, type LocalFeed, localFeeds, mirrorUrl, stateOf } from './advisories.ts'
import { listTarget, standsForSeveral } from './collect.ts'
import { familiesIn, type Judged, judgeInventory, type Judging } from './judge.ts'
import { lookAt, type Looked } from './looking.ts'
import { lookHere } from './looking-here.ts'
import { version } from './version.ts'

export type ScanComponent = {
  readonly purl: string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly distro?: string
  readonly source?: { readonly name: string; readonly version: string }
  readonly arch?: string
  readonly ownedBy?: string
  readonly scope?: string
  readonly direct?: boolean
  readonly locations: readonly { readonly path: string; readonly layer?: string }[]
}

/** One vulnerability on one component of one version, wherever it lies. */
export type ScanFinding = {
  readonly vulnerabilityId: string
  readonly aliases: readonly string[]
  readonly package: string
  readonly installedVersion: string
  /** null: no version without it is known. */
  readonly fixedVersion: string | null
  readonly severity: SeverityBand
  /** Base score; null: nobody published a vector. */
  readonly score: number | null
  /** Who publishes the advisory that decided. */
  readonly source: string
  readonly location: string
  readonly purl: string
  readonly locations: readonly string[]
  readonly layer?: string
  /** What documents that came with the target say of it. It settles nothing. */
  readonly vex?: readonly VexClaim[]
}

export type ScanResult = {
  /** The target as it was understood: `dir:/srv/shop`. */
  readonly target: string
  readonly resource: {
    readonly arn: string
    readonly id: string
    readonly type: string
    /** `linux/arm64`, of an image. */
    readonly platform?: string
    /** What is checked out, of a git checkout. */
    readonly git?: GitFacts
    readonly os?: string
    /** Whether its operating system still gets security updates, and in words why not. */
    readonly support?: Support & { readonly why?: string }
  }
  readonly knowledge: { readonly state: KnowledgeWord; readonly feeds: readonly LocalFeed[] }
  readonly components: readonly ScanComponent[]
  readonly gaps: readonly Gap[]
  readonly findings: readonly ScanFinding[]
}

export type ScanOptions = AdvisoryPlace & {
  readonly account: string
  readonly region: string
  readonly say: (words: string) => void
  readonly signal?: AbortSignal
}

/** The targets of one that stands for several; undefined: it stands for itself. */
export async function targetsOf(
  target: string,
  { account, region, data, cache, signal }: Omit<ScanOptions, 'feeds'>,
): Promise<readonly string[] | undefined> {
  if (!standsForSeveral(target)) return undefined
  const scope = { account, region, exclude: [data, cache], cache: folderCache(join(cache, 'layers')), env: process.env }
  return (await listTarget(target, { ...scope, ...(signal && { signal }) })).targets
}

/** Judges a target without a server. Everything it rests on is in the result: gaps, and the state of the feeds. */
export async function scanTarget(target: string, options: ScanOptions): Promise<ScanResult> {
  // A wrong word is told before anything takes time.
  if (options.feeds !== undefined && options.feeds !== 'off') await mirrorUrl(options.feeds)
  const looked = await lookLocally(target, options)
  const { resource, inventory } = looked
  const { occurrences, gaps } = inventory
  const families = familiesIn(occurrences)
  options.say('Judging ...')
  const file = await advisoriesFor(options, families, options)
  try {
    const judging = judgeInventory(occurrences, file)
    const { os } = inventory
    const { platform, arch, git } = resource.facts
    const support = os && supportOf(os, new Date().toISOString().slice(0, 10))
    const why = os && support && supportWords(os, support)
    return {
      target: looked.target,
      resource: {
        arn: resource.arn,
        id: resource.id,
        type: resource.type,
        ...(git && { git }),
        ...(platform !== undefined && arch !== undefined && { platform: `${platform}/${arch}` }),
        ...(os && { os: systemName(os) }),
        ...(support && { support: { ...support, ...(why !== undefined && { why }) } }),
      },
      knowledge: { state: stateOf(file.meta, families, Date.now()), feeds: localFeeds(file.meta, Date.now()) },
      components: componentsOf(occurrences),
      gaps: [...gaps, ...judging.gaps],
      findings: findingsOf(judging).map((finding) => withClaims(finding, resource.facts.vex ?? [])),
    }
  } finally {
    file.close()
  }
}

/** The components of a target as a document for others, and what could not be read. */
export async function sbomOf(
  target: string,
  options: Omit<ScanOptions, 'feeds'> & { readonly format: SbomFormat; readonly at: string },
): Promise<{ readonly arn: string; readonly text: string; readonly gaps: readonly Gap[] }> {
  const { resource, inventory } = await lookLocally(target, options)
  const { occurrences, gaps, os } = inventory
  const { arn } = resource
  return {
    arn,
    text: writeSbom({ resource, occurrences, gaps, tool: version, at: options.at, ...(os && { os }) }, options.format),
    gaps,
  }
}

async function lookLocally(target: string, { account, region, data, cache, say, signal }: Omit<ScanOptions, 'feeds'>): Promise<Looked> {
  say(`Reading ${target} ...`)
  const options = { account, region, exclude: [data, cache], layers: join(cache, 'layers'), ...(signal && { signal }) }
  return (await lookHere(target, options)) ?? (await lookAt(target, options))
}

function componentsOf(occurrences: readonly Occurrence[]): readonly ScanComponent[] {
  const grouped = Map.groupBy(occurrences, ({ component: { purl, distro, source }, ownedBy, scope, direct }) =>
    JSON.stringify([purl, distro, source, ownedBy, scope, direct]),
  )
  return [...grouped.values()].flatMap((found) => {
    const [first] = found
    if (first === undefined) return []
    const { component, ownedBy, scope, direct } = first
    return {
      ...component,
      ...(ownedBy !== undefined && { ownedBy }),
      ...(scope !== undefined && { scope }),
      ...(direct !== undefined && { direct }),
      locations: found.map(({ at }) => at),
    }
  })
}

/** Worst first, then by name: the same facts give the same list. */
function findingsOf(judging: Judging): readonly ScanFinding[] {
  const rows = judging.judged.flatMap((judged) =>
    judged.judgements.filter(({ verdict }) => verdict === 'affected').map((judgement) => rowOf(judged, judgement, judging)),
  )
  const byRow = Map.groupBy(rows, ({ vulnerabilityId, package: name, installedVersion, purl }) =>
    JSON.stringify([vulnerabilityId, typeOf(purl), name, installedVersion]),
  )
  const merged = [...byRow.values()].flatMap((same) => {
    const [first] = same
    return first === undefined ? [] : [{ ...first, locations: [...new Set(same.flatMap(({ locations }) => locations))] }]
  })
  return merged.toSorted(
    (a, b) =>
      (b.score ?? -1) - (a.score ?? -1) ||
      byPreference(a.vulnerabilityId, b.vulnerabilityId) ||
      compareText(a.package, b.package) ||
      compareText(a.installedVersion, b.installedVersion),
  )
}

/** A claim may be about the package, or about all there is. */
function withClaims(finding: ScanFinding, claims: readonly VexClaim[]): ScanFinding {
  const names = new Set([finding.vulnerabilityId, ...finding.aliases])
  const own = claims.filter(({ vulnerability, purl }) => names.has(vulnerability) && (purl === undefined || purl === finding.purl))
  return own.length === 0 ? finding : { ...finding, vex: own }
}

function rowOf({ component, places, words }: Judged, judgement: Judged['judgements'][number], judging: Judging): ScanFinding {
  const { weakness, fixedIn, evidence } = judgement
  const records = judging.recordsOf(weakness)
  const own = evidence.flatMap(({ id }) => words.get(id) ?? [])
  const { severity, base } = severityOf({
    severities: records.flatMap(({ severities }) => severities),
    vendorSeverities: [...own, ...records.map(({ vendorSeverity }) => vendorSeverity)],
    malicious: records.some(({ malicious }) => malicious === true),
  })
  const layer = places[0]?.at.layer
  return {
    vulnerabilityId: weakness,
    aliases: judging.namesOf(weakness).filter((name) => name !== weakness),
    package: component.name,
    installedVersion: component.version,
    fixedVersion: fixedIn ?? null,
    severity,
    score: base?.score.baseScore ?? null,
    source: evidence[0]?.source ?? '',
    location: places[0]?.at.path ?? '',
    purl: component.purl,
    locations: places.map(({ at }) => at.path),
    ...(layer !== undefined && { layer }),
  }
}

const typeOf = (purl: string): Component['type'] => /^pkg:([^/]+)\//.exec(purl)?.[1] ?? ''
const compareText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
