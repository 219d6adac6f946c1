/** Time as the schedule of looks knows it. `after` returns what takes it back. */
export type Timers = { now(): number; after(ms: number, run: () => void): () => void }

/** When a target is looked at again, beside the hourly round: after a change, and after a look that failed. */
export type LookSchedule = {
  /** Something changed there. True: until now no look was waited for. */
  changed(target: string): boolean
  /** A look ended. One that failed is tried again; any other forgets what had failed. */
  ended(target: string, how: { readonly failed: boolean; readonly ms: number }): void
  forget(target: string): void
  /** Nothing is looked at any more, whatever is still told. */
  stop(): void
}

/** A package manager writes its database many times in one run: the look waits until it rests. */
const settleMs = 3_000
/** Some folders never rest (a log beside a lockfile). The look waits no longer than this, and takes no more than a tenth of the time. */
const restlessMs = 60_000
const restlessShare = 10
/** After failures in a row: 30 s, 1 min, 2 min ..., an hour. */
const retryMs = { first: 30_000, most: 3_600_000 }

type Known = { changedAt?: number; settling?: () => void; retrying?: () => void; failures: number; lastMs: number }

export function lookSchedule(look: (target: string) => void, timers: Timers = systemTimers): LookSchedule {
  const known = new Map<string, Known>()
  let stopped = false

  const of = (target: string): Known => {
    const held = known.get(target) ?? { failures: 0, lastMs: 0 }
    known.set(target, held)
    return held
  }
  const forget = (target: string) => {
    const held = known.get(target)
    held?.settling?.()
    held?.retrying?.()
    known.delete(target)
  }

  return {
    changed(target) {
      if (stopped) return false
      const held = of(target)
      const fresh = held.changedAt === undefined
      const now = timers.now()
      const since = (held.changedAt ??= now)
      const latest = since + Math.max(restlessMs, restlessShare * held.lastMs)
      held.settling?.()
      held.settling = timers.after(Math.max(0, Math.min(now + settleMs, latest) - now), () => {
        delete held.changedAt
        delete held.settling
        look(target)
      })
      return fresh
    },
    ended(target, { failed, ms }) {
      if (stopped) return
      const held = of(target)
      held.retrying?.()
      delete held.retrying
      held.lastMs = ms
      held.failures = failed ? held.failures + 1 : 0
      if (!failed) return
      const wait = Math.min(retryMs.most, retryMs.first * 2 ** (held.failures - 1))
      held.retrying = timers.after(wait, () => {
        delete held.retrying
        look(target)
      })
    },
    forget,
    stop() {
      stopped = true
      for (const target of [...known.keys()]) forget(target)
    },
  }
}

const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
