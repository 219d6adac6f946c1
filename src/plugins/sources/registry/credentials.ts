import * as z from 'zod'
import { AppError } from '../../../model/errors.ts'
import { readDockerConfig, type Environment } from './settings.ts'

/** What a registry may be told to know us by. Never logged, and never sent anywhere but to that registry and whom it names for tokens. */
export type Credentials =
  | { readonly is: 'password'; readonly user: string; readonly password: string }
  /** A refresh token, to be changed for one that opens. */
  | { readonly is: 'identity'; readonly token: string }
  | { readonly is: 'bearer'; readonly token: string }

export type Known = { readonly credentials?: Credentials; readonly why?: string }

const Text = z.string().optional()
const Auth = z.object({ auth: Text, username: Text, password: Text, identitytoken: Text, registrytoken: Text })
/** `config.json` of Docker's command line (cli/config/configfile). */
const DockerConfig = z.object({
  auths: z.record(z.string(), Auth).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: Text,
})

/**
 * What is known for a host: of our own environment, or as `docker login` wrote it. `why` says what may be told where nothing is
 * known and the registry wants something.
 */
export async function credentialsFor(host: string, env: Environment): Promise<Known> {
  const own = ownCredentials(host, env)
  if (own !== undefined) return { credentials: own }
  const read = DockerConfig.safeParse((await readDockerConfig(env)) ?? {})
  if (!read.success) return { why: "docker's config.json is not as expected" }
  const { auths, credHelpers, credsStore } = read.data
  const entry = namesOf(host).flatMap((name) => (Object.hasOwn(auths, name) ? [auths[name]!] : []))[0]
  const found = entry && fromEntry(entry)
  if (found !== undefined) return { credentials: found }
  const helper = namesOf(host).flatMap((name) => (Object.hasOwn(credHelpers, name) ? [credHelpers[name]!] : []))[0] ?? credsStore
  if (helper === undefined) return {}
  return {
    why: `docker keeps its credentials with the helper docker-credential-${helper}, a program, and none is run here: give OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD`,
  }
}

function ownCredentials(host: string, env: Environment): Credentials | undefined {
  const { OI_REGISTRY_HOST: meant, OI_REGISTRY_USER: user, OI_REGISTRY_PASSWORD: password } = env
  if (!user && !password) return undefined
  if (!meant || !user || !password)
    throw new AppError(
      'invalid',
      'registry: expected OI_REGISTRY_HOST, OI_REGISTRY_USER and OI_REGISTRY_PASSWORD together: credentials are for one registry, and no other gets to see them',
    )
  return namesOf(host).includes(meant.toLowerCase()) ? { is: 'password', user, password } : undefined
}

/** The keys under which Docker keeps what it knows of a host; Docker Hub has an old one. */
function namesOf(host: string): readonly string[] {
  const plain = host === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io', host] : [host]
  return plain.flatMap((name) =>
    name.includes('://') ? [name] : [name, `https://${name}`, `https://${name}/`, `https://${name}/v1/`, `https://${name}/v2/`],
  )
}

function fromEntry({ auth, username, password, identitytoken, registrytoken }: z.infer<typeof Auth>): Credentials | undefined {
  if (registrytoken) return { is: 'bearer', token: registrytoken }
  if (identitytoken) return { is: 'identity', token: identitytoken }
  if (username && password) return { is: 'password', user: username, password }
  const pair = auth === undefined ? '' : Buffer.from(auth, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const [user, secret] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1).replace(/\0+$/, '')]
  return user === '' || secret === '' ? undefined : { is: 'password', user, password: secret }
}

export const basic = ({ user, password }: Extract<Credentials, { is: 'password' }>): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
