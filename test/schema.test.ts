import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, type TestStore } from './database.ts'
import { dumpSchema } from './schema.ts'

const path = join(import.meta.dirname, '../src/store/schema.sql')

describe.each(databases)('the schema on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
  })
  afterAll(() => store.close())

  it('is what src/store/schema.sql shows; npm run schema rewrites it', async () => {
    const dump = await dumpSchema(store.db)
    if (process.env['OI_WRITE_SCHEMA'] === '1') writeFileSync(path, dump)
    expect(dump).toBe(readFileSync(path, 'utf8'))
  })
})
