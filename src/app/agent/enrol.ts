import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Enrolled } from '../../api/v1/contract.ts'
import { agentProtocol } from '../../core/agents/index.ts'
import { AppError } from '../../model/errors.ts'
import { openTarget } from '../collect.ts'
import { version } from '../version.ts'
import { type Identity, newCredential, readIdentity, writeIdentity } from './identity.ts'
import { linkTo, serverAddress } from './link.ts'
import { stateFiles } from './state-files.ts'

export type Enrolling = {
  readonly folder: string
  readonly server: string
  readonly token: string
  readonly ca?: string | undefined
  readonly plain: boolean
  /** Also where this host has an agent already. */
  readonly again: boolean
}

/** Enrols this host. The credential is written before it is sent: when the answer is lost, the same question is asked again. */
export async function enrolHost({ folder, token, plain, again, ...asked }: Enrolling): Promise<Enrolled> {
  const server = serverAddress(asked.server, plain)
  const known = again ? undefined : await readIdentity(folder)
  if (known?.enrolled !== undefined)
    throw new AppError('conflict', `This host is enrolled with ${known.server} already (agent ${known.enrolled.agent}).`, {
      details: { next: 'openinspector agent run, or enrol again with --again' },
    })
  const credential = known?.server === server ? known.credential : newCredential()
  const identity: Identity = { server, credential, ...(asked.ca !== undefined && { ca: resolve(asked.ca) }) }
  const link = await linkTo(identity)
  try {
    const { arn, id } = await thisHost()
    await writeIdentity(folder, identity)
    const body = { protocol: agentProtocol, token, credential, host: arn.slice(arn.lastIndexOf(':') + 1), hostname: id, version }
    const enrolled = await link.post<Enrolled>('/agents/enrol', body)
    const { agent, account, region } = enrolled
    // What an earlier agent told is nothing that the new one may build upon.
    for (const file of Object.values(stateFiles(folder))) await rm(file, { force: true })
    await writeIdentity(folder, { ...identity, enrolled: { agent, arn: enrolled.arn, account, region } })
    return enrolled
  } finally {
    await link.close()
  }
}

async function thisHost() {
  const { sourced } = await openTarget('host', { account: '000000000000', region: 'us-east-1' })
  return sourced.resource
}
