import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { AppError, reasonOf } from '../model/errors.ts'
import { dataFolder } from './data-folder.ts'

export const roles = ['all', 'api', 'worker'] as const
export type ServeRole = (typeof roles)[number]

/** How a server runs. Every member comes from a flag, else the environment, else `config.json` in the data folder, else a default. */
export type Config = {
  readonly role: ServeRole
  /** 0 lets the system choose. */
  readonly port: number
  /** Loopback unless said otherwise. */
  readonly host: string
  /** Origin (`https://oi.example.org`) by which browsers reach us, where a proxy brings TLS or another name. */
  readonly publicUrl?: string
  readonly data: string
  /** Absent: the embedded store in `data`. */
  readonly databaseUrl?: string
  /** Base folder or URL of a mirror, `off`, or absent for the public addresses. */
  readonly feeds?: string
  /** Targets to watch beside what was added at run time. */
  readonly watch: readonly string[]
  readonly account: string
  readonly region: string
  readonly logLevel: string
}

const Port = z.coerce.number().int().min(0).max(65_535)
const settings = {
  role: z.enum(roles).default('all'),
  port: Port.default(7480),
  host: z.string().min(1).default('127.0.0.1'),
  publicUrl: z.string().transform(originOf).optional(),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://...')
    .optional(),
  feeds: z.string().min(1).optional(),
  watch: z.array(z.string().min(1)).default(['host']),
  account: z
    .string()
    .regex(/^\d{12}$/, 'expected twelve digits')
    .default('000000000000'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a Region such as us-east-1')
    .default('us-east-1'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
}
const Settings = z.strictObject(settings)

/** A URL of scheme, host and port alone: the console lives at the root, and secrets are no part of an address. */
function originOf(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` && !/[?#@]/.test(text)) return url.origin
  context.addIssue({ code: 'custom', message: 'expected https://HOST or http://HOST, with a port if need be and nothing behind it' })
  return z.NEVER
}

type Name = keyof typeof settings
export type Flags = { readonly [N in Name]?: unknown } & { readonly data?: string }

/** The environment's names. Secrets (a database address may hold one) come by environment or file, never by flag. */
const variables: Readonly<Record<Name, string>> = {
  role: 'OI_ROLE',
  port: 'OI_PORT',
  host: 'OI_HOST',
  publicUrl: 'OI_PUBLIC_URL',
  databaseUrl: 'DATABASE_URL',
  feeds: 'OI_FEEDS',
  watch: 'OI_WATCH',
  account: 'OI_ACCOUNT',
  region: 'OI_REGION',
  logLevel: 'OI_LOG_LEVEL',
}

/** Throws AppError `invalid` naming the setting, where it came from and what was expected. */
export async function readConfig(flags: Flags, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const data = dataFolder(flags.data, env)
  const path = join(data, 'config.json')
  const file = await readFile(path, 'utf8').then(
    (text) => parseFile(text, path),
    () => ({}),
  )
  const from = (name: Name) => (flags[name] !== undefined ? `--${kebab(name)}` : env[variables[name]] ? variables[name] : path)
  const given: Record<string, unknown> = { ...file }
  for (const name of Object.keys(settings) as Name[]) {
    const variable = env[variables[name]]
    if (variable) given[name] = name === 'watch' ? targetsIn(variable) : variable
    if (flags[name] !== undefined) given[name] = flags[name]
  }
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    const { path: at, message, code } = parsed.error.issues[0] ?? { path: [], message: 'not understood', code: '' }
    const name = String(at[0] ?? '')
    if (code === 'unrecognized_keys') throw new AppError('invalid', `${path}: ${message}; known are ${Object.keys(settings).join(', ')}.`)
    throw new AppError(
      'invalid',
      `${from(name as Name)}: ${message}, got ${name === 'databaseUrl' ? 'another address' : JSON.stringify(given[name])}.`,
    )
  }
  const { databaseUrl, feeds, publicUrl, ...rest } = parsed.data
  return {
    ...rest,
    data,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(feeds === undefined ? {} : { feeds: isAddress(feeds) ? feeds : resolve(feeds) }),
  }
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const isAddress = (feeds: string) => feeds === 'off' || /^(https?|file):\/\//.test(feeds)

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * How the own API may be addressed. `origin` is where browsers believe to be; `hostNames` are the names answered to beside
 * loopback: undefined is any, where we listen to the network and nobody said by which name.
 */
export function reachedBy({ host, publicUrl }: Pick<Config, 'host' | 'publicUrl'>): {
  readonly origin?: string
  readonly hostNames?: readonly string[]
} {
  const loopback = isLoopback(host)
  if (publicUrl === undefined) return loopback ? { hostNames: [] } : {}
  const name = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1')
  return { origin: publicUrl, hostNames: loopback ? [name] : [name, host.toLowerCase()] }
}

function parseFile(text: string, path: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('invalid', `Expected a JSON object in ${path}: ${reasonOf(cause)}`, { cause })
  }
}

/** Some targets have commas in them: then each stands on a line of its own. */
function targetsIn(variable: string): readonly string[] {
  return variable
    .split(variable.includes('\n') ? '\n' : ',')
    .map((target) => target.trim())
    .filter(Boolean)
}
