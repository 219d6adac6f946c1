import { Kysely, PostgresDialect, type KyselyPlugin } from 'kysely'
import type pg from 'pg'
import type { Store } from '../../src/store/connection.ts'

/** What a killed process leaves behind: the statement is not sent, and the transaction it belongs to never ends well. */
export class Crash extends Error {
  constructor() {
    super('the process was killed here')
  }
}

/** The store of a process that dies after `statements` statements; from then on it does nothing at all. */
export function crashAfter(store: Store, statements: number): Store {
  let left = statements
  const live = (): void => {
    if (left-- <= 0) throw new Crash()
  }
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      live()
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const pool = new Proxy(store.pool, {
    get(target, key, receiver) {
      if (key === 'connect')
        return (...args: never[]) => (live(), (target.connect as (...rest: never[]) => Promise<pg.PoolClient>)(...args))
      const value: unknown = Reflect.get(target, key, receiver)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ...store, db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool: store.pool }), plugins: [plugin] }), pool }
}
