import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../model/errors.ts'

/** Reports of one agent in a minute, and rows it may bring in an hour. An honest one sends one report and a few rows. */
const most = { reports: 60, rows: 600_000 }
/** Reports larger than a change, of all agents, that are held in memory at once; a packed one may become a thousand times as large. */
const large = { bytes: 256 << 10, packed: 16 << 10, atOnce: 4 }
const kept = 20_000

type Spent = { busy: boolean; since: number; reports: number; rows: number; rowsSince: number }

export type ReportGate = {
  /** Throws AppError `limited`. */
  enter(agent: string, request: FastifyRequest, reply: FastifyReply): void
  spend(agent: string, rows: number): void
}

/** Keeps one agent from crowding out the others, and all of them from filling the memory. */
export function reportGate(now: () => number = () => performance.now()): ReportGate {
  const spent = new Map<string, Spent>()
  let held = 0

  const of = (agent: string): Spent => {
    const at = now()
    let one = spent.get(agent)
    if (one === undefined) {
      if (spent.size >= kept) spent.clear()
      spent.set(agent, (one = { busy: false, since: at, reports: 0, rows: 0, rowsSince: at }))
    }
    if (at - one.since >= 60_000) Object.assign(one, { since: at, reports: 0 })
    if (at - one.rowsSince >= 3_600_000) Object.assign(one, { rowsSince: at, rows: 0 })
    return one
  }

  return {
    enter(agent, { headers }, reply) {
      const one = of(agent)
      if (one.busy) throw limited('An agent reports one thing after the other.', reply)
      if (++one.reports > most.reports) throw limited(`An agent may report ${most.reports} times in a minute.`, reply)
      const length = Number(headers['content-length'] ?? Number.NaN)
      const small = length <= (headers['content-encoding'] === undefined ? large.bytes : large.packed)
      if (!small && held >= large.atOnce) throw limited('Too many large reports at once.', reply)
      one.busy = true
      if (!small) held++
      reply.raw.once('close', () => {
        one.busy = false
        if (!small) held--
      })
    },
    spend(agent, rows) {
      const one = of(agent)
      one.rows += rows
      if (one.rows > most.rows) throw new AppError('limited', `An agent may bring ${most.rows} rows in an hour: try again later.`)
    },
  }
}

function limited(words: string, reply: FastifyReply): AppError {
  reply.header('retry-after', '30')
  return new AppError('limited', `${words} Try again later.`)
}
