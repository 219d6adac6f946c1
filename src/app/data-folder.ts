import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { AppError } from '../model/errors.ts'
import { writePrivately } from './private-file.ts'

/** Where the embedded store and the credentials lie: `--data`, `$OI_DATA`, or the user's own data folder (XDG). */
export function dataFolder(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(asked ?? env['OI_DATA'] ?? join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'openinspector'))
}

/** Where what can be made again lies: the advisory file of stand-alone scans and the cache of image layers. */
export function cacheFolder(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(asked ?? env['OI_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'openinspector'))
}

/** Where an agent keeps who it is and what it has yet to tell: `--data`, `$OI_AGENT_DATA`, or beside the data folder. */
export function agentFolder(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const home = () => join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'openinspector-agent')
  return resolve(asked ?? env['OI_AGENT_DATA'] ?? home())
}

/** What a running server left for the CLI and the AWS tools on its machine. Readable by its user only. */
export const Credentials = z.object({
  /** Address of the server, without a trailing slash. */
  url: z.url(),
  region: z.string(),
  account: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  /** Bearer token of the own API. */
  token: z.string(),
})
export type Credentials = z.output<typeof Credentials>

const file = (folder: string) => join(folder, 'credentials.json')

/** Throws AppError `missing` where no server ever ran on the folder, `denied` where the file belongs to another user. */
export async function readCredentials(folder: string): Promise<Credentials> {
  const path = file(folder)
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES') throw new AppError('denied', `Only the user who runs the server may read ${path}.`, { cause })
    throw new AppError('missing', `There are no credentials in ${folder}: no server was started on this folder yet.`, {
      cause,
      details: { next: 'openinspector serve, or name another folder with --data DIR' },
    })
  })
  const parsed = Credentials.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `Expected credentials written by \`openinspector serve\` in ${path}; start the server again to renew them.`)
}

export const writeCredentials = (folder: string, credentials: Credentials): Promise<void> =>
  writePrivately(file(folder), `${JSON.stringify(credentials, undefined, 2)}\n`)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
