import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbedded } from './embedded.ts'

describe('the folders of the embedded database', () => {
  let data: string
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'oi-folders-'))
  })
  afterEach(() => rm(data, { recursive: true, force: true }))
  const mode = async (path: string) => (await stat(path)).mode & 0o777

  it('keep others out, also in a data folder that lets them in', async () => {
    await chmod(data, 0o755)
    await mkdir(join(data, 'postgres'))
    await chmod(join(data, 'postgres'), 0o755)
    const { socketDir, stop } = await startEmbedded(data)
    try {
      expect([await mode(join(data, 'postgres')), await mode(socketDir)]).toEqual([0o700, 0o700])
    } finally {
      await stop()
    }
  })
  it('are no links that somebody else may have laid', async () => {
    await mkdir(join(data, 'elsewhere'))
    await symlink(join(data, 'elsewhere'), join(data, 'socket'))
    await expect(startEmbedded(data)).rejects.toMatchObject({ code: 'denied' })
  })
})
