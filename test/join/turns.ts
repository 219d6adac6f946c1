import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Store } from '../../src/store/connection.ts'

type Worker = { pid: number | undefined; state: 'running' | 'waiting' | 'done'; go: (() => void) | undefined }

/**
 * Lets several workers over one server take turns at every statement, in an order the caller chooses. A worker that waits
 * for a lock of another is passed over until it comes back.
 */
export class Turns {
  readonly #workers: Worker[] = []
  readonly #monitor: pg.Client
  readonly #url: string

  constructor(url: string) {
    this.#url = url
    this.#monitor = new pg.Client({ connectionString: url })
  }

  /** Runs each task with a store of its own. `choose` picks one of the workers who could go on. Throws what the first failing task threw. */
  async run(
    store: Store,
    tasks: readonly ((store: Store) => Promise<void>)[],
    choose: (among: readonly number[]) => number,
  ): Promise<void> {
    await this.#monitor.connect()
    const pools: pg.Pool[] = []
    try {
      const running = tasks.map(async (task) => {
        const worker: Worker = { pid: undefined, state: 'running', go: undefined }
        this.#workers.push(worker)
        const pool = this.#pool(worker)
        pools.push(pool)
        try {
          await task({ ...store, pool, db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }) })
        } finally {
          worker.state = 'done'
        }
      })
      const all = Promise.all(running)
      all.catch(() => {})
      await this.#giveTurns(choose)
      await all
    } finally {
      await Promise.all(pools.map((pool) => pool.end()))
      await this.#monitor.end()
    }
  }

  #pool(worker: Worker): pg.Pool {
    const turn = (): Promise<void> =>
      new Promise((go) => {
        worker.state = 'waiting'
        worker.go = go
      })
    const Client = class extends pg.Client {
      override query(...args: unknown[]): never {
        const send = super.query.bind(this) as (...rest: unknown[]) => Promise<unknown>
        // A COPY is a stream, and so is not for us to hold back.
        if (typeof args[0] !== 'string') return send(...args) as never
        return turn().then(() => {
          worker.pid = (this as unknown as { processID: number }).processID
          worker.state = 'running'
          return send(...args)
        }) as never
      }
    }
    return new pg.Pool({ connectionString: this.#url, max: 2, Client })
  }

  async #giveTurns(choose: (among: readonly number[]) => number): Promise<void> {
    for (;;) {
      await this.#untilStill()
      const waiting = this.#workers.flatMap(({ state }, index) => (state === 'waiting' ? [index] : []))
      if (waiting.length > 0) {
        const next = this.#workers[choose(waiting)]
        if (next === undefined) throw new RangeError('chose a worker that is not there')
        next.state = 'running'
        next.go?.()
      } else if (this.#workers.every(({ state }) => state === 'done')) return
    }
  }

  /** Until every worker waits for its turn, waits for a lock, or is done. */
  async #untilStill(): Promise<void> {
    for (;;) {
      const running = this.#workers.filter(({ state }) => state === 'running')
      if (running.length === 0) return
      const { rows } = await this.#monitor.query<{ pid: number }>("select pid from pg_stat_activity where wait_event_type = 'Lock'")
      const blocked = new Set(rows.map(({ pid }) => pid))
      const stuck = running.every(({ pid }) => pid !== undefined && blocked.has(pid))
      if (stuck && this.#workers.some(({ state }) => state === 'waiting')) return
    }
  }
}
