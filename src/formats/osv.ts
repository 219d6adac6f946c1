import type { Advisory, Affected, BrokenRecord, Range, RangeEvent, Severity } from '../model/advisory.ts'
import { cveOf, originOf } from './osv-ids.ts'
import { lookupName } from './osv-names.ts'
import { ofRpmFamilies } from './osv-rpm.ts'

/** Bounds of one record, in characters or members; what is longer is cut (texts, references) or makes the record broken. */
const limits = {
  summary: 500,
  details: 8192,
  references: 50,
  url: 2048,
  aliases: 10_000,
  affected: 5000,
  versions: 100_000,
  events: 10_000,
  word: 512,
}

type Fields = { readonly [name: string]: unknown }

/** Thrown and caught in this file only: why a record cannot be understood. */
class Broken extends Error {}

/**
 * One OSV record (OSV schema 1.7) in our words. Checked by hand, not by a schema library: a feed has a hundred thousand
 * records. Entries of `affected` without a package (GIT ranges alone) are left out; a record without any is kept for what
 * it says of its weakness. Never throws.
 */
export function readOsv(record: unknown, fallbackId: string): Advisory | BrokenRecord {
  const fields = isObject(record) ? record : undefined
  const id = fields && isId(fields['id']) ? fields['id'] : undefined
  try {
    if (!fields) throw new Broken('expected a JSON object')
    if (id === undefined) throw new Broken(`expected an id, got ${shown(fields['id'])}`)
    return advisory(id, fields)
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    return { is: 'broken', record: id ?? text(fallbackId, limits.word), reason: thrown.message }
  }
}

function advisory(id: string, fields: Fields): Advisory {
  const affected = ofRpmFamilies(
    affectedOf(list(fields, 'affected', limits.affected)),
    typeof fields['summary'] === 'string' ? fields['summary'] : '',
  )
  if (typeof affected === 'string') throw new Broken(affected)
  const database = isObject(fields['database_specific']) ? fields['database_specific'] : {}
  const origin = originOf(id, new Set(affected.map(({ ecosystem }) => familyOf(ecosystem))))
  const withdrawn = fields['withdrawn'] == null ? undefined : date(fields['withdrawn'])
  if (fields['withdrawn'] != null && withdrawn === undefined) throw new Broken(`withdrawn is no date: ${shown(fields['withdrawn'])}`)
  const published = date(fields['published'])
  const modified = date(fields['modified'])
  const rated = severitiesOf(fields, origin.scoredBy)
  const vendorSeverity = word(database['severity']) ?? rated.word
  return {
    is: 'advisory',
    id,
    source: origin.source,
    url: origin.url,
    ...namesOf(id, fields, origin.bundle),
    ...(published !== undefined && { published }),
    ...(modified !== undefined && { modified }),
    ...(withdrawn !== undefined && { withdrawn }),
    ...(typeof fields['summary'] === 'string' && fields['summary'] && { summary: text(fields['summary'], limits.summary) }),
    ...(typeof fields['details'] === 'string' && fields['details'] && { details: text(fields['details'], limits.details) }),
    severities: rated.severities,
    ...(vendorSeverity !== undefined && { vendorSeverity }),
    references: referencesOf(fields['references']),
    cwes: strings(database['cwe_ids']).filter((cwe) => /^CWE-\d{1,6}$/.test(cwe)),
    ...(id.startsWith('MAL-') && { malicious: true }),
    affected,
  }
}

/** Family of an OSV ecosystem, without its release: `Debian:12` is of `Debian`. */
export function familyOf(ecosystem: string): string {
  const colon = ecosystem.indexOf(':')
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon)
}

/**
 * Other ids of the weakness, and the weaknesses a bundle speaks for. `upstream` (OSV schema 1.7) names what a
 * distribution's record is about; older exports have the CVEs of a bundle in `related`.
 */
function namesOf(id: string, fields: Fields, bundle: boolean): Pick<Advisory, 'aliases' | 'bundles'> {
  const aliases = strings(fields['aliases'], limits.aliases).filter((alias) => isId(alias) && alias !== id)
  const upstream = cvesOf(strings(fields['upstream'], limits.aliases))
  if (bundle) {
    const named = upstream.length > 0 ? upstream : cvesOf(strings(fields['related'], limits.aliases))
    const bundles = named.length > 0 ? named : cvesOf(aliases)
    return { aliases: aliases.filter((alias) => !bundles.includes(cveOf(alias) ?? '')), bundles }
  }
  const own = cveOf(id)
  if (own !== undefined) return { aliases: own === id ? aliases : unique([...aliases, own]), bundles: [] }
  if (upstream.length > 1) return { aliases, bundles: upstream }
  return { aliases: unique([...aliases, ...upstream]), bundles: [] }
}

function cvesOf(ids: readonly string[]): readonly string[] {
  return unique(ids.flatMap((id) => cveOf(id) ?? []))
}

function unique(values: readonly string[]): readonly string[] {
  return values.length < 2 ? values : [...new Set(values)]
}

function affectedOf(entries: readonly unknown[]): readonly Affected[] {
  const kept: Affected[] = []
  for (const entry of entries) {
    if (!isObject(entry)) throw new Broken('affected: expected objects')
    const packaged = entry['package']
    if (!isObject(packaged) || packaged['ecosystem'] === undefined || packaged['ecosystem'] === '') continue
    const { ecosystem, name } = packaged
    if (!isWord(ecosystem) || !isWord(name)) throw new Broken(`affected: expected ecosystem and name of a package, got ${shown(packaged)}`)
    const ranges = rangesOf(list(entry, 'ranges', limits.events), name)
    // ECOSYSTEM ranges hold every listed version: the list is for readers that cannot order versions (OSV schema, affected[].versions).
    const listed = ranges.some(({ type }) => type === 'ECOSYSTEM') ? [] : list(entry, 'versions', limits.versions)
    if (!listed.every(isWord)) throw new Broken(`affected ${name}: versions that are no strings`)
    const vendorSeverity = ownWord(entry)
    kept.push({
      ecosystem,
      name: lookupName(ecosystem, name),
      ranges,
      versions: listed,
      ...(vendorSeverity !== undefined && { vendorSeverity }),
    })
  }
  return kept
}

/** The vendor's word for one package: Debian's urgency, or an entry of `severity` that is no vector. */
function ownWord(entry: Fields): string | undefined {
  const specific = entry['ecosystem_specific']
  const urgency = isObject(specific) ? word(specific['urgency'] ?? specific['severity']) : undefined
  return urgency ?? (entry['severity'] === undefined ? undefined : severitiesOf(entry, '').word)
}

function rangesOf(entries: readonly unknown[], name: string): readonly Range[] {
  const ranges: Range[] = []
  for (const entry of entries) {
    if (!isObject(entry)) throw new Broken(`affected ${name}: ranges that are no objects`)
    const { type } = entry
    if (type === 'GIT') continue
    if (type !== 'ECOSYSTEM' && type !== 'SEMVER')
      throw new Broken(`affected ${name}: expected a range of type ECOSYSTEM, SEMVER or GIT, got ${shown(type)}`)
    const events = list(entry, 'events', limits.events).flatMap((event) => eventsOf(event, name))
    if (!events.some((event) => 'introduced' in event)) throw new Broken(`affected ${name}: a range without introduced`)
    ranges.push({ type, events })
  }
  return ranges
}

/** One bound an object is the rule; early records put introduced and fixed into one. */
function eventsOf(event: unknown, name: string): readonly RangeEvent[] {
  const { introduced, fixed, last_affected, limit } = isObject(event) ? event : {}
  const events: RangeEvent[] = []
  if (isWord(introduced)) events.push({ introduced })
  if (isWord(fixed)) events.push({ fixed })
  if (isWord(last_affected)) events.push({ last_affected })
  if (isWord(limit)) events.push({ limit })
  if (events.length === 0) throw new Broken(`affected ${name}: expected introduced, fixed, last_affected or limit, got ${shown(event)}`)
  return events
}

function severitiesOf(fields: Fields, source: string): { readonly severities: readonly Severity[]; readonly word?: string } {
  const severities: Severity[] = []
  let named: string | undefined
  for (const entry of list(fields, 'severity', 100)) {
    if (!isObject(entry)) throw new Broken('severity: expected objects')
    const { type, score } = entry
    if (!isWord(score)) throw new Broken(`severity: expected a score, got ${shown(score)}`)
    if (type === 'CVSS_V2' || type === 'CVSS_V3' || type === 'CVSS_V4') severities.push({ type, vector: score, source })
    else named ??= score
  }
  return named === undefined ? { severities } : { severities, word: named }
}

function referencesOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  const urls: string[] = []
  for (const entry of value) {
    const url: unknown = isObject(entry) ? entry['url'] : undefined
    if (typeof url !== 'string' || url.length > limits.url || !/^https?:\/\/[^\s\0]+$/i.test(url) || urls.includes(url)) continue
    if (urls.push(url.toWellFormed()) === limits.references) break
  }
  return urls
}

const dateForm = /^(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** RFC 3339, as written. Go's zero time and other years before the first advisory are no date. */
function date(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const year = dateForm.exec(value)?.[1]
  if (year === undefined || year < '1980' || year > '2200' || Number.isNaN(Date.parse(value))) return undefined
  return value
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9:._+~@-]{0,127}$/.test(value)
}

/** A short string without control characters: package names, versions, vectors. A database takes no NUL and no half character. */
function isWord(value: unknown): value is string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return typeof value === 'string' && value !== '' && value.length <= limits.word && !/[\x00-\x1f\x7f]/.test(value) && value.isWellFormed()
}

function word(value: unknown): string | undefined {
  return isWord(value) ? value : undefined
}

/** An array of the record; an absent one is empty. */
function list(fields: Fields, name: string, most: number): readonly unknown[] {
  const value = fields[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Broken(`${name}: expected a list, got ${shown(value)}`)
  if (value.length > most) throw new Broken(`${name}: ${value.length} members, at most ${most} are read`)
  return value
}

function strings(value: unknown, most = 100): readonly string[] {
  if (!Array.isArray(value)) return []
  if (value.length > most) throw new Broken(`a list of ${value.length} ids, at most ${most} are read`)
  return unique(value.filter(isWord))
}

function text(value: string, most: number): string {
  const cut = value.length > most ? `${value.slice(0, most - 1)}…` : value
  return (cut.includes('\0') ? cut.replaceAll('\0', '\ufffd') : cut).toWellFormed()
}

function shown(value: unknown): string {
  return text(JSON.stringify(value) ?? 'nothing', 100)
}
