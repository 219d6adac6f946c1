import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { databases, emptyDatabase, type TestStore } from '../../../test/database.ts'
import { verifyChain } from '../audit/index.ts'
import {
  bootstrap,
  createAccessKey,
  createLink,
  createPrincipal,
  createToken,
  disableAccessKey,
  disablePrincipal,
  endSession,
  firstLink,
  holderOf,
  listAccessKeys,
  listPrincipals,
  listTokens,
  readSecretKey,
  redeemLink,
  revokeToken,
  secretBox,
  signingKeys,
} from './index.ts'

const box = secretBox(Buffer.alloc(32, 7))
const at = new Date('2026-03-01T10:00:00Z')
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000)
const writer = { by: 'admin', at }

describe('the secret box', () => {
  it('opens what it sealed, for the same thing only, with the same key only', () => {
    const sealed = box.seal('hush', 'key A')
    expect(sealed.includes('hush')).toBe(false)
    expect(box.open(sealed, 'key A')).toBe('hush')
    expect(box.seal('hush', 'key A').equals(sealed)).toBe(false)
    expect(() => box.open(sealed, 'key B')).toThrow('The secret of key B cannot be opened')
    expect(() => secretBox(Buffer.alloc(32, 8)).open(sealed, 'key A')).toThrow('cannot be opened')
    for (const broken of [Buffer.alloc(0), sealed.subarray(0, 20), Buffer.concat([Buffer.from([9]), sealed.subarray(1)])])
      expect(() => box.open(broken, 'key A')).toThrow('cannot be opened')
    expect(() => secretBox(Buffer.alloc(16))).toThrow('32 bytes')
  })

  it('makes its key file once, for its owner only, and says what is wrong with a bad one', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'oi-key-'))
    onTestFinished(() => rm(dir, { recursive: true }))
    const [one, two] = await Promise.all([readSecretKey(join(dir, 'data'), undefined), readSecretKey(join(dir, 'data'), '')])
    expect(one).toHaveLength(32)
    expect(await readSecretKey(join(dir, 'data'), undefined)).toEqual(one)
    expect(two).toEqual(one)
    expect((await stat(join(dir, 'data/secret.key'))).mode & 0o777).toBe(0o600)
    expect((await readFile(join(dir, 'data/secret.key'), 'utf8')).trim()).toBe(Buffer.from(one).toString('base64'))
    await writeFile(join(dir, 'data/secret.key'), 'short')
    await expect(readSecretKey(join(dir, 'data'), undefined)).rejects.toThrow('must hold 32 bytes in base64')
    await expect(readSecretKey(dir, 'too short')).rejects.toThrow('OI_SECRET_KEY must have at least 32 characters; it has 9.')
    expect(await readSecretKey(dir, 'x'.repeat(32))).toHaveLength(32)
  })
})

describe.each(databases)('access on $name', ({ open }) => {
  let store: TestStore
  beforeAll(async () => void (store = await open()))
  afterAll(() => store.close())
  beforeEach(() => emptyDatabase(store.db))

  const principal = (name: string, role: 'viewer' | 'operator' | 'admin' = 'viewer') =>
    createPrincipal(store.db, { name, kind: 'user', role, account: '000000000012' }, writer)

  it('makes the first admin once, also when several processes start together', async () => {
    const made = await Promise.all([1, 2, 3].map(() => bootstrap(store.db, box, '000000000000', at)))
    const first = made.filter((credentials) => credentials !== undefined)
    expect(first).toHaveLength(1)
    expect(first[0]).toEqual({
      principal: 'admin',
      account: '000000000000',
      accessKey: {
        accessKeyId: expect.stringMatching(/^OIAK[A-Z2-7]{16}$/) as string,
        secretAccessKey: expect.stringMatching(/^[\w-]{40}$/) as string,
      },
      token: expect.stringMatching(/^oit_[\w-]{43}$/) as string,
    })
    expect(await bootstrap(store.db, box, '000000000000', at)).toBeUndefined()
    expect(await listPrincipals(store.db)).toMatchObject([{ name: 'admin', role: 'admin', account: '000000000000' }])
    const link = await firstLink(store.db, at)
    expect((await redeemLink(store.db, link ?? '', at)).caller).toEqual({
      principalId: 1,
      name: 'admin',
      role: 'admin',
      account: '000000000000',
    })
    expect(await verifyChain(store.db)).toMatchObject({ rows: 5 })
  })

  it('keeps secrets out of its tables and of the audit', async () => {
    const first = await bootstrap(store.db, box, '000000000000', at)
    const link = await firstLink(store.db, at)
    const { rows } = await sql<{ all: string }>`
      select (select string_agg(a::text, '') from audit a) || (select string_agg(k::text, '') from access_key k)
        || (select string_agg(t::text, '') from token t) as all`.execute(store.db)
    const kept = rows[0]?.all ?? ''
    for (const secret of [first?.accessKey.secretAccessKey, first?.token, link]) {
      expect(secret).toBeTruthy()
      expect(kept).not.toContain(secret)
      expect(kept).not.toContain(Buffer.from(secret ?? '').toString('hex'))
    }
  })

  it('finds a signing key until it or its principal is disabled', async () => {
    const user = await principal('ann', 'operator')
    const [one, two] = [await createAccessKey(store.db, box, user, writer), await createAccessKey(store.db, box, user, writer)]
    let time = at
    const keys = signingKeys(store.db, box, () => time)
    const caller = { principalId: user.id, name: 'ann', role: 'operator', account: '000000000012' }
    expect(await keys.find(one.accessKeyId)).toEqual({ secret: one.secretAccessKey, caller })
    expect(await keys.find('OIAKNOBODY')).toBeUndefined()
    await disableAccessKey(store.db, one.accessKeyId, writer)
    time = later(6)
    expect(await keys.find(one.accessKeyId)).toBeUndefined()
    expect(await keys.find(two.accessKeyId)).toEqual({ secret: two.secretAccessKey, caller })
    await disablePrincipal(store.db, 'ann', writer)
    keys.forget()
    expect(await keys.find(two.accessKeyId)).toBeUndefined()
    expect(await listAccessKeys(store.db)).toHaveLength(2)
    await expect(disableAccessKey(store.db, one.accessKeyId, writer)).rejects.toThrow('no active access key')
  })

  it('says when a name is taken, bad or unknown', async () => {
    await principal('ann')
    await expect(principal('ann')).rejects.toMatchObject({ code: 'conflict' })
    await expect(principal('a b')).rejects.toMatchObject({ code: 'invalid' })
    await expect(disablePrincipal(store.db, 'bob', writer)).rejects.toMatchObject({ code: 'missing' })
  })

  it('signs in by a link once, within ten minutes, to a session of twelve hours', async () => {
    const user = await principal('ann')
    const [used, late] = [await createLink(store.db, user, writer), await createLink(store.db, user, writer)]
    const tries = await Promise.allSettled([redeemLink(store.db, used, later(599)), redeemLink(store.db, used, later(599))])
    const won = tries.filter((result) => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    const session = won[0]?.value.session ?? ''
    await expect(redeemLink(store.db, late, later(600))).rejects.toThrow('used already, has expired')
    await expect(redeemLink(store.db, session, later(1))).rejects.toThrow('used already, has expired')
    expect(await holderOf(store.db, session, 'session', later(599 + 12 * 3600 - 1))).toMatchObject({ name: 'ann' })
    expect(await holderOf(store.db, session, 'session', later(599 + 12 * 3600))).toBeUndefined()
    expect(await holderOf(store.db, session, 'token', at)).toBeUndefined()
    await endSession(store.db, session, writer)
    await endSession(store.db, session, writer)
    expect(await holderOf(store.db, session, 'session', later(600))).toBeUndefined()
  })

  it('knows a token until it expires, is revoked or its principal is disabled', async () => {
    const user = await principal('ann')
    const forever = await createToken(store.db, user, { name: 'ci' }, writer)
    const short = await createToken(store.db, user, { name: 'short', expiresAt: later(60) }, writer)
    expect(await holderOf(store.db, forever, 'token', later(1e8))).toMatchObject({ name: 'ann', account: '000000000012' })
    expect(await holderOf(store.db, short, 'token', later(59))).toMatchObject({ name: 'ann' })
    expect(await holderOf(store.db, short, 'token', later(60))).toBeUndefined()
    for (const wrong of ['', 'oit_', `${forever}x`, 'ois_x', 'x'.repeat(10_000)])
      expect(await holderOf(store.db, wrong, 'token', at)).toBeUndefined()
    const [token] = (await listTokens(store.db)).filter(({ name }) => name === 'ci')
    await revokeToken(store.db, token?.id ?? '', writer)
    expect(await holderOf(store.db, forever, 'token', at)).toBeUndefined()
    await expect(revokeToken(store.db, token?.id ?? '', writer)).rejects.toMatchObject({ code: 'missing' })
    await disablePrincipal(store.db, 'ann', writer)
    expect(await holderOf(store.db, short, 'token', at)).toBeUndefined()
    expect((await verifyChain(store.db)).broken).toBeUndefined()
  })
})
