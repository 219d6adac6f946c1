import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { killAndLook } from './kills.ts'

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oi-kill-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** The same folder is killed again and again, at moments spread over what a worker does. */
it('loses nothing it acknowledged in 20 kills, and leaves nothing half done', async () => {
  let acknowledged = 0
  for (let kill = 0; kill < 20; kill++) {
    const survived = await killAndLook(dataDir, kill, kill % 7, (kill * 37) % 211)
    expect({ kill, lost: survived.lost, differences: survived.verification.differences, pending: survived.verification.pending }).toEqual({
      kill,
      lost: [],
      differences: [],
      pending: 0,
    })
    acknowledged += survived.acknowledged
  }
  expect(acknowledged).toBeGreaterThan(40)
}, 240_000)
