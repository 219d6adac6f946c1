/**
 * How somebody asks a process to end (a terminal that goes away, Ctrl-C, `kill`), and what one that did so exits with, by the custom of
 * shells.
 */
export const endCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
export type EndSignal = keyof typeof endCodes
const asks = Object.keys(endCodes) as readonly EndSignal[]

/** The work was asked to end by a person or by the system: neither its own fault nor that of what it works on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: EndSignal
  constructor(signal: EndSignal, message = `interrupted by ${signal}`) {
    super(message)
    this.signal = signal
  }
}

export const isEndSignal = (name: string | null): name is EndSignal => name !== null && Object.hasOwn(endCodes, name)

/** One Ctrl-C comes more than once where a starter (npm, our launcher) hands on what the terminal has sent to all of us. */
const SAME_MS = 500

export type Interruption = {
  /** Aborted, for an `Interrupted`, when the process is asked to end. */
  readonly signal: AbortSignal
  /** Signals end the process as they do by default again. */
  forget(): void
}

/** From now on a signal that asks this process to end aborts its work instead; asked once more, the process ends at once. */
export function heedSignals(
  now: () => number = () => performance.now(),
  end: (code: number) => void = (code) => process.exit(code),
): Interruption {
  const stop = new AbortController()
  let since = 0
  const asked = (signal: EndSignal) => {
    if (!stop.signal.aborted) {
      since = now()
      stop.abort(new Interrupted(signal))
    } else if (now() - since >= SAME_MS) end(endCodes[signal])
  }
  for (const ask of asks) process.on(ask, asked)
  return {
    signal: stop.signal,
    forget() {
      for (const ask of asks) process.off(ask, asked)
    },
  }
}

/** Work that leaves something behind when it is cut off: asked to end, it is aborted and waited for. Then this throws `Interrupted`. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, forget } = heedSignals()
  try {
    const done = await work(signal)
    signal.throwIfAborted()
    return done
  } catch (thrown) {
    signal.throwIfAborted()
    throw thrown
  } finally {
    forget()
  }
}
