import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readSqliteTable } from './sqlite-table.ts'

const folder = mkdtempSync(join(tmpdir(), 'oi-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const fresh = () => join(folder, `${count++}.sqlite`)

const rows = (bytes: Uint8Array, log?: Uint8Array, table = 't') => {
  const damage: string[] = []
  return { rows: [...readSqliteTable(bytes, log, table, (reason) => damage.push(reason))], damage }
}

/** A database by SQLite itself. `pragma` may set the page size, which must come first. */
function made(pragma: string, values: readonly (string | number | Uint8Array | null)[]): string {
  const path = fresh()
  const database = new DatabaseSync(path)
  database.exec(`${pragma}; create table other (x); create table t (id integer primary key, value)`)
  const insert = database.prepare('insert into t (value) values (?)')
  database.exec('begin')
  for (const value of values) insert.run(value)
  database.exec('commit')
  database.close()
  return path
}

describe('a table of SQLite', () => {
  it('reads what SQLite wrote, on pages of any size', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string({ maxLength: 40 }),
      fc.constantFrom(0, 1, -1, 127, -32_768, 8_388_607, -2_147_483_648, 140_737_488_355_327, 9_007_199_254_740_991, 0.5, -1e300),
      fc.uint8Array({ maxLength: 5000 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(512, 1024, 4096, 65_536), fc.array(value, { maxLength: 60 }), (size, values) => {
        const read = rows(readFileSync(made(`pragma page_size = ${size}`, values)))
        expect(read.damage).toEqual([])
        expect(read.rows.map(([id, one]) => [id, one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one])).toEqual(
          values.map((one, at) => [at + 1, one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one]),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('follows interior pages and long chains', () => {
    const values = Array.from({ length: 3000 }, (_, at) => (at % 100 === 0 ? Buffer.alloc(40_000, at % 251) : `row ${at}`))
    const read = rows(readFileSync(made('pragma page_size = 1024', values)))
    expect([read.rows.length, read.damage]).toEqual([3000, []])
    expect(read.rows[2900]?.[1]).toEqual(values[2900])
    expect(read.rows[2999]?.[1]).toEqual('row 2999')
  })

  it('applies a live write-ahead log, and of that only what was committed', () => {
    const path = made('pragma journal_mode = wal', ['first'])
    const database = new DatabaseSync(path)
    database.exec("pragma wal_autocheckpoint = 0; insert into t (value) values ('second')")
    database.exec("begin; insert into t (value) values ('third')")
    const log = readFileSync(`${path}-wal`)
    const bytes = readFileSync(path)
    database.close()
    expect(log.length).toBeGreaterThan(4096)
    expect(rows(bytes).rows).toEqual([[1, 'first']])
    expect(rows(bytes, log).rows).toEqual([
      [1, 'first'],
      [2, 'second'],
    ])
    expect(rows(bytes, log.subarray(0, log.length - 1)).rows).toEqual([[1, 'first']])
    const damaged = Buffer.from(log)
    damaged[40] = (damaged[40] ?? 0) ^ 1
    expect(rows(bytes, damaged).rows).toEqual([[1, 'first']])
  })

  it('takes no view, index or virtual table for a table', () => {
    const path = fresh()
    const database = new DatabaseSync(path)
    database.exec('create view t as with recursive r(x) as (select 1 union all select x + 1 from r) select x, x from r')
    database.close()
    expect(() => rows(readFileSync(path))).toThrow('expected a table t in the SQLite database, found none')
  })

  it('neither loops nor throws anything but an Error on damage', () => {
    const bytes = readFileSync(
      made(
        'pragma page_size = 512',
        Array.from({ length: 200 }, (_, at) => Buffer.alloc(at * 7, at)),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }), (edits) => {
        const broken = Buffer.from(bytes)
        for (const [at, byte] of edits) broken[at] = byte
        try {
          expect(rows(broken).rows.length).toBeLessThan(20_000)
        } catch (thrown) {
          expect((thrown as Error).message).toMatch(/^expected /)
        }
      }),
      { numRuns: 400 },
    )
  })
})
