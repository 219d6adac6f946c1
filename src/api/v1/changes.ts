import type { FastifyReply } from 'fastify'
import { AppError } from '../../model/errors.ts'
import type { Scope } from '../../model/scope.ts'
import { type EventGroup, eventsBetween, windowEnd } from '../../core/events/index.ts'
import type { Db } from '../../store/connection.ts'
import type { Change } from './contract.ts'

/** What `/changes` tells beside events: read on every look. */
export type Standing = Pick<Extract<Change, { is: 'hello' }>, 'knowledge' | 'evaluating'>

export type Changes = {
  /** Streams to a reply until either side ends. Throws AppError `limited` when too many listen. */
  stream(reply: FastifyReply, scope: Scope): Promise<void>
  /** Ends every stream. */
  close(): void
}

const lookEveryMs = 1_000
const heartbeatMs = 15_000
const streams = 100
/** A listener this far behind is told that it lost something, rather than held in memory. */
const backlogBytes = 1_000_000
/** A stream does not outlive the rights of its reader by more than this; the reader comes back by itself. */
const lifeMs = 3_600_000
const listed = 100

type Listener = { readonly scope: Scope; readonly reply: FastifyReply; lost: boolean; heard: number; readonly since: number }

/** One reader of the event tables for all who listen, and none at all while nobody does. */
export function followChanges(standing: () => Promise<Standing>, db: Db, onError: (error: unknown) => void): Changes {
  const listeners = new Set<Listener>()
  let timer: NodeJS.Timeout | undefined
  let known: { readonly xmin: string; readonly standing: Standing } | undefined

  const end = (listener: Listener) => {
    listeners.delete(listener)
    listener.reply.raw.end()
    if (listeners.size === 0) {
      clearTimeout(timer)
      timer = undefined
      known = undefined
    }
  }
  const look = async () => {
    const before = known
    const now = { xmin: await windowEnd(db), standing: await standing() }
    const events = before === undefined ? [] : await eventsBetween(db, before.xmin, now.xmin)
    known = now
    for (const listener of [...listeners]) {
      if (Date.now() - listener.since > lifeMs) end(listener)
      else tell(listener, [...changesFor(listener.scope, events), ...(before === undefined ? [] : moved(before.standing, now.standing))])
    }
  }
  const tick = () => {
    timer = setTimeout(() => {
      void look()
        .catch(onError)
        .finally(() => listeners.size > 0 && tick())
    }, lookEveryMs)
  }

  return {
    async stream(reply, scope) {
      // Counted from here on: what happens before the first look is not lost.
      known ??= { xmin: await windowEnd(db), standing: await standing() }
      if (listeners.size >= streams)
        throw new AppError('limited', `At most ${streams} streams of changes at once; close one or try again later.`)
      const hello: Change = { is: 'hello', ...known.standing }
      reply.hijack()
      // Who left meanwhile has said so already, and would be listened for in vain.
      if (reply.raw.destroyed) {
        if (listeners.size === 0) known = undefined
        return
      }
      const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
      reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers })
      const listener: Listener = { scope, reply, lost: false, heard: Date.now(), since: Date.now() }
      listeners.add(listener)
      reply.raw.on('close', () => end(listener)).on('error', () => end(listener))
      tell(listener, [hello])
      if (timer === undefined) tick()
    },
    close() {
      for (const listener of [...listeners]) end(listener)
    },
  }
}

/** Writes messages; a heartbeat when there were none for a while. */
function tell(listener: Listener, changes: readonly Change[]): void {
  const { raw } = listener.reply
  if (raw.writableLength > backlogBytes) {
    listener.lost ||= changes.length > 0
    return
  }
  const all: readonly Change[] = listener.lost ? [{ is: 'lost' }, ...changes] : changes
  listener.lost = false
  if (all.length === 0 && Date.now() - listener.heard < heartbeatMs) return
  listener.heard = Date.now()
  raw.write(all.length === 0 ? ': still here\n\n' : all.map((change) => `data: ${JSON.stringify(change)}\n\n`).join(''))
}

function changesFor(scope: Scope, events: readonly EventGroup[]): readonly Change[] {
  const seen = events.filter(({ account }) => scope.accounts === 'all' || scope.accounts.includes(account))
  const of = (kind: EventGroup['is']) => seen.filter((event) => event.is === kind)
  const arns = (kind: EventGroup['is']) =>
    of(kind)
      .flatMap((event) => event.arns)
      .slice(0, listed)
  const count = of('findings').reduce((sum, event) => sum + event.count, 0)
  const resources = arns('notices')
  return [
    ...(count > 0 ? [{ is: 'findings', count, arns: arns('findings') } satisfies Change] : []),
    ...(resources.length > 0 ? [{ is: 'coverage', arns: resources } satisfies Change] : []),
  ]
}

function moved(before: Standing, now: Standing): readonly Change[] {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return [
    ...(same(before.evaluating, now.evaluating) ? [] : [{ is: 'evaluating', ...now.evaluating } satisfies Change]),
    ...(same(before.knowledge, now.knowledge) ? [] : [{ is: 'feeds', knowledge: now.knowledge } satisfies Change]),
  ]
}
