import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/**
 * A name for this machine that outlives renames and restarts: 32 hex digits. machine-id(5) asks not to show the id itself, so a
 * keyed hash of it stands for it; without one (a container) the host name is hashed.
 */
export async function hostId(machineIdFile: string, hostname: string): Promise<string> {
  const text = await readFile(machineIdFile, 'utf8').catch(() => '')
  const machineId = text.trim().toLowerCase()
  const known = /^[0-9a-f]{32}$/.test(machineId) ? machineId : `hostname:${hostname}`
  return createHmac('sha256', 'openinspector host').update(known).digest('hex').slice(0, 32)
}
