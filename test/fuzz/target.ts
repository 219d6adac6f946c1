/** Something that reads what strangers wrote, and what must hold whatever they wrote. */
export type FuzzTarget = {
  /** `npm/package-lock`, `formats/zip`, `schemes/deb`. */
  readonly id: string
  /** Inputs of real shape to begin with. */
  readonly seeds: readonly Buffer[]
  /** Text is also changed line by line and, where it is JSON, member by member. */
  readonly shape: 'text' | 'bytes'
  /** Makes checksums right again, without which nothing behind them is reached. */
  readonly repair?: (input: Buffer) => Buffer
  /** Reads it, and throws Broken where the answer is none. What it answers must be the same each time. */
  run(input: Buffer): Promise<unknown>
}

/** An answer that breaks what must hold. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/**
 * A reader may throw on hostile bytes, and that becomes a gap in its words. Errors that the language throws by itself have no words for a
 * person: nobody thought of what was read.
 */
export function isThoughtOf(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) || thrown instanceof Broken || thrown.message === '') return false
  if ('code' in thrown && String(thrown.code).startsWith('ERR_')) return false
  return !(
    thrown instanceof TypeError ||
    thrown instanceof RangeError ||
    thrown instanceof ReferenceError ||
    thrown instanceof URIError ||
    thrown instanceof EvalError
  )
}

/** What is wrong with how a target takes an input; undefined: nothing. */
export async function faultOf(target: FuzzTarget, input: Buffer, again: boolean): Promise<string | undefined> {
  const first = await answerOf(target, input)
  if (!again || 'fault' in first) return first.fault
  const second = await answerOf(target, Buffer.from(input))
  return JSON.stringify(first) === JSON.stringify(second) ? undefined : 'Broken: the same input gives another answer the second time'
}

async function answerOf(target: FuzzTarget, input: Buffer): Promise<{ fault: string } | { fault?: undefined; answer: unknown }> {
  try {
    return { answer: await target.run(input) }
  } catch (thrown) {
    if (isThoughtOf(thrown)) return { answer: thrown.message }
    const where = thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter((line) => /\bsrc\//.test(line)) : []
    return { fault: `${String(thrown)}${where[0] === undefined ? '' : ` ${where[0].trim().replace(/file:\/\/\S*\/src\//, 'src/')}`}` }
  }
}
