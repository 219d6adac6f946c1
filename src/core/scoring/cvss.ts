import ae from 'ae-cvss-calculator'
import { AppError } from '../../model/errors.ts'
import { environmental2, temporal2, withTemporal3, type Metrics } from './cvss-corrections.ts'

/** Scores of a CVSS vector, 0 to 10 in tenths. */
export type CvssScore = {
  readonly version: '2.0' | '3.0' | '3.1' | '4.0'
  /** Version 4 gives a vector one score, from all the metrics it holds: that one. */
  readonly baseScore: number
  /** Versions 3.x: always. Version 2: when the vector holds a temporal metric. Version 4 has none. */
  readonly temporalScore?: number
  /** Versions 3.x: always. Version 2: when the vector holds an environmental metric. Version 4 has none. */
  readonly environmentalScore?: number
}

const { fromVector } = ae

/** Longer than a vector with every metric of version 4. */
const LONGEST = 512
const prefixes = { 'CVSS:3.0': '3.0', 'CVSS:3.1': '3.1', 'CVSS:4.0': '4.0' } as const

/**
 * Scores a vector: CVSS 2.0 (with or without the parentheses of its guide), 3.0, 3.1, 4.0. Throws AppError `invalid` on
 * anything else, a repeated metric and a base metric that is missing or foreign: the library takes those in silence.
 */
export function scoreVector(vector: string): CvssScore {
  const { version, metrics } = readVector(vector)
  const scores = parse(spelled(version, metrics), vector)
  if (version === '4.0') return { version, baseScore: inTenths(scores.overall) }
  const { base = 0, temporal, environmental } = scores as { base?: number; temporal?: number; environmental?: number }
  if (version === '2.0')
    return {
      version,
      baseScore: inTenths(base),
      ...(temporal !== undefined && { temporalScore: temporal2(base, metrics) }),
      ...(environmental !== undefined && { environmentalScore: environmental2(metrics) }),
    }
  const untimed = new Map([...metrics].filter(([name]) => version === '3.1' || !temporalNames.includes(name)))
  const modified = environmentalOf(version, untimed, vector)
  if (version === '3.0')
    return {
      version,
      baseScore: inTenths(base),
      temporalScore: withTemporal3(base, metrics),
      environmentalScore: withTemporal3(modified, metrics),
    }
  return { version, baseScore: inTenths(base), temporalScore: inTenths(temporal ?? base), environmentalScore: inTenths(modified) }
}

const temporalNames: readonly string[] = ['E', 'RL', 'RC']

/**
 * The library gives no environmental score to a version 3 vector without environmental metrics, yet it is defined and, in
 * 3.1, may differ from the base score (specification 3.1, section 7.3: the exponent is 13 there, 15 in the base formula).
 * `CR:M` weighs as much as no such metric and makes it compute.
 */
function environmentalOf(version: CvssScore['version'], metrics: Metrics, vector: string): number {
  const defined = (metrics.get('CR') ?? 'X') === 'X' ? new Map([...metrics, ['CR', 'M']]) : metrics
  const { environmental } = parse(spelled(version, defined), vector) as { environmental?: number }
  if (environmental === undefined) throw new Error(`no environmental score for ${vector}`)
  return environmental
}

/** The version and the metrics a vector names, each once. */
function readVector(vector: string): { readonly version: CvssScore['version']; readonly metrics: Metrics } {
  if (vector.length > LONGEST) throw invalid(`${vector.slice(0, 80)}...`, `at most ${LONGEST} characters`)
  const prefix = vector.split('/', 1)[0] ?? ''
  const version = Object.hasOwn(prefixes, prefix) ? prefixes[prefix as keyof typeof prefixes] : '2.0'
  const parts = (version === '2.0' ? vector.replace(/^\((.*)\)$/, '$1') : vector.slice(prefix.length + 1)).split('/')
  const metrics = new Map<string, string>()
  for (const part of parts) {
    const [, name = '', value = ''] = /^([A-Za-z]{1,3}):([A-Za-z]{1,6})$/.exec(part) ?? []
    if (name === '') throw invalid(vector, 'metrics "NAME:VALUE" split by "/", for CVSS 3 and 4 after "CVSS:3.0", "CVSS:3.1" or "CVSS:4.0"')
    if (metrics.has(name)) throw invalid(vector, `each metric once, but ${name} is repeated`)
    if (version === '2.0' && !metrics2.includes(name)) throw invalid(vector, `metrics of CVSS 2.0, but ${name} is none`)
    metrics.set(name, value)
  }
  return { version, metrics }
}

const metrics2: readonly string[] = ['AV', 'AC', 'Au', 'C', 'I', 'A', 'E', 'RL', 'RC', 'CDP', 'TD', 'CR', 'IR', 'AR']

function spelled(version: CvssScore['version'], metrics: Metrics): string {
  const text = [...metrics].map(([name, value]) => `${name}:${value}`).join('/')
  return version === '2.0' ? text : `CVSS:${version}/${text}`
}

function parse(text: string, vector: string): { readonly overall: number } {
  const parsed = parsedOrNone(text)
  if (parsed?.isBaseFullyDefined() !== true) throw invalid(vector, 'all base metrics of its CVSS version, and known values only')
  return parsed.calculateScores(false)
}

function parsedOrNone(text: string): ReturnType<typeof fromVector> {
  try {
    return fromVector(text)
  } catch {
    return null
  }
}

/** Also turns the library's -0 into 0. */
const inTenths = (score: number) => Math.round(score * 10) / 10 + 0

const invalid = (vector: string, expected: string) =>
  new AppError('invalid', `expected a CVSS vector with ${expected}; got ${JSON.stringify(vector)}`)
