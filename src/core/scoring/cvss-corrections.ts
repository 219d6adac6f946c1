/**
 * Where the CVSS library departs from the specifications, and what stands instead:
 * - Version 2: it rounds only the last step of the environmental score; the guide (section 3.2.3) rounds the adjusted base
 *   and the adjusted temporal score too, which is how its own example comes to 9.2. It rounds a temporal score of 2.85 down.
 * - Version 3.0: its multiplication by temporal weights rounds 4.6000000000000005 up to 4.7 (section 8.2 means 4.6).
 */

/** Value of each metric of a vector by its name. */
export type Metrics = ReadonlyMap<string, string>

const impact2 = { N: 0, P: 0.275, C: 0.66 }
const weights2: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: impact2,
  I: impact2,
  A: impact2,
  E: { U: 0.85, POC: 0.9, F: 0.95 },
  RL: { OF: 0.87, TF: 0.9, W: 0.95 },
  RC: { UC: 0.9, UR: 0.95 },
  CDP: { ND: 0, N: 0, L: 0.1, LM: 0.3, MH: 0.4, H: 0.5 },
  TD: { N: 0, L: 0.25, M: 0.75 },
  CR: { L: 0.5, H: 1.51 },
  IR: { L: 0.5, H: 1.51 },
  AR: { L: 0.5, H: 1.51 },
}

/** Weight of a metric of version 2; what is not defined, or not in the table, weighs 1. */
function weight2(metrics: Metrics, name: string): number {
  return weights2[name]?.[metrics.get(name) ?? 'ND'] ?? 1
}

/** Temporal score of version 2 (guide, section 3.2.2). */
export function temporal2(base: number, metrics: Metrics): number {
  return nearestTenth(base * weight2(metrics, 'E') * weight2(metrics, 'RL') * weight2(metrics, 'RC'))
}

/** Environmental score of version 2 (guide, section 3.2.3), each step rounded to a tenth. */
export function environmental2(metrics: Metrics): number {
  const of = (name: string) => weight2(metrics, name)
  const kept = (1 - of('C') * of('CR')) * (1 - of('I') * of('IR')) * (1 - of('A') * of('AR'))
  const impact = Math.min(10, 10.41 * (1 - kept))
  const exploitability = 20 * of('AV') * of('AC') * of('Au')
  const adjusted = impact === 0 ? 0 : nearestTenth((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176)
  const temporal = temporal2(adjusted, metrics)
  const damage = weights2['CDP']?.[metrics.get('CDP') ?? 'ND'] ?? 0
  // weak requirements bring the adjusted base below zero; a score is never there
  return Math.max(0, nearestTenth((temporal + (10 - temporal) * damage) * of('TD')))
}

const temporalWeights3: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  E: { F: 0.97, P: 0.94, U: 0.91 },
  RL: { W: 0.97, T: 0.96, O: 0.95 },
  RC: { R: 0.96, U: 0.92 },
}

/** A base or environmental score of version 3.0 with the temporal metrics applied (section 8.2). */
export function withTemporal3(score: number, metrics: Metrics): number {
  const weight = Object.entries(temporalWeights3).reduce(
    (product, [name, weights]) => product * (weights[metrics.get(name) ?? 'X'] ?? 1),
    1,
  )
  return upToTenth(score * weight)
}

/** Binary fractions stray by far less than this from the decimal they stand for; two scores never lie so close. */
const STRAY = 1e-9

/** Half is rounded up. */
const nearestTenth = (score: number) => Math.floor(score * 10 + 0.5 + STRAY) / 10
const upToTenth = (score: number) => Math.ceil(score * 10 - STRAY) / 10
