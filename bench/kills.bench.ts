import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAndLook } from '../test/join/kills.ts'
import { machine } from './measure.ts'

/** 200 kills (SIGKILL) of a working embedded store at random moments; every tenth folder is a new one. */
export async function run([kills = '200']: readonly string[]): Promise<void> {
  console.log(machine())
  const total = { acknowledged: 0, lost: 0, differences: 0, pending: 0 }
  let dataDir = ''
  for (let kill = 0; kill < Number(kills); kill++) {
    if (kill % 10 === 0) {
      if (dataDir !== '') rmSync(dataDir, { recursive: true, force: true })
      dataDir = mkdtempSync(join(tmpdir(), 'oi-bench-'))
    }
    const { acknowledged, lost, verification } = await killAndLook(
      dataDir,
      kill,
      Math.floor(Math.random() * 8),
      Math.floor(Math.random() * 400),
    )
    total.acknowledged += acknowledged
    total.lost += lost.length
    total.differences += verification.differences.length
    total.pending += verification.pending
    for (const what of lost) console.log(`kill ${kill}: ${what}`)
  }
  rmSync(dataDir, { recursive: true, force: true })
  console.log(`${kills} kills:`, total)
}
