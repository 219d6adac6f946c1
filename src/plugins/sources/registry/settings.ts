import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { readBoundedFile } from '../../../kit/bounded-file.ts'
import { AppError, reasonOf } from '../../../model/errors.ts'

/** What the environment says: names of ours, of Docker and of AWS. */
export type Environment = Readonly<Record<string, string | undefined>>

const Origin = z
  .string()
  .transform((text) => (/^https?:\/\//i.test(text) ? text : `https://${text}`))
  .refine((text) => URL.canParse(text) && /^https?:\/\/[^/?#@]+\/?$/i.test(text), 'expected HOST[:PORT] or https://HOST[:PORT]')
  .transform((text) => new URL(text))

/** What is said of one registry, by its host. */
const RegistrySetting = z.strictObject({
  /** Asked first, in this order: hosts or addresses of registries that hold the same under the same names. */
  mirrors: z.array(Origin).default([]),
  /** Speaks HTTP without TLS. */
  http: z.boolean().optional(),
  /** Its credentials may go where everybody on the way can read them: over HTTP without TLS, off this machine. */
  credentialsWithoutTls: z.boolean().default(false),
  /** It, and what it points to, may lie in a private network or on this machine. */
  private: z.boolean().default(false),
  /** File with certificates (PEM) to be trusted beside the usual ones. */
  ca: z.string().optional(),
  /** Hosts that may be handed its credentials to get a token for it. */
  realms: z.array(z.string()).default([]),
})
export type RegistrySetting = z.infer<typeof RegistrySetting>
const RegistrySettings = z.record(z.string(), RegistrySetting)
export type RegistrySettings = Readonly<Record<string, RegistrySetting>>

const MOST = 1 << 20
const unsaid: RegistrySetting = RegistrySetting.parse({})

/** What is set for a host, in the file that OI_REGISTRIES names. */
export function settingOf(settings: RegistrySettings, host: string): RegistrySetting {
  return Object.hasOwn(settings, host) ? settings[host]! : unsaid
}

/** Whether everybody on the way can read what is sent there: HTTP without TLS, off this machine. */
export const isReadable = ({ protocol, hostname }: URL): boolean => protocol !== 'https:' && !isLoopback(hostname)

/** By its name or address, as it stands in a URL. */
export const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)

/** Throws AppError `invalid` in words for whoever wrote the file. */
export async function readSettings(env: Environment): Promise<RegistrySettings> {
  const path = env['OI_REGISTRIES']
  if (!path) return {}
  const parsed = RegistrySettings.safeParse(await readJson(path, 'OI_REGISTRIES'))
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `OI_REGISTRIES: ${path} is not as expected: ${z.prettifyError(parsed.error).slice(0, 500)}`)
}

/** The certificates a setting names, as text. */
export async function certificatesOf({ ca }: RegistrySetting): Promise<string | undefined> {
  return ca === undefined ? undefined : (await readOwn(ca, 'OI_REGISTRIES: ca')).toString('utf8')
}

/** Docker's own file, where there is one. */
export async function readDockerConfig(env: Environment): Promise<unknown> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker')
  const path = join(folder, 'config.json')
  try {
    return await readJson(path, 'docker')
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'missing') return undefined
    throw thrown
  }
}

async function readJson(path: string, named: string): Promise<unknown> {
  const bytes = await readOwn(path, named)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The words of the parser quote what it read, and that may be a password.
    throw new AppError('invalid', `${named}: ${path} is not JSON`)
  }
}

async function readOwn(path: string, named: string): Promise<Buffer> {
  const real = await realPath(path)
  if (real === undefined) throw new AppError('missing', `${named}: there is nothing at ${resolve(path)}`)
  try {
    return await readBoundedFile(real, MOST)
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    throw new AppError('denied', `${named}: ${path} cannot be read: ${reasonOf(thrown)}`, { cause: thrown })
  }
}

const realPath = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
