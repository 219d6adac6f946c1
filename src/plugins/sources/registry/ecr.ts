import * as z from 'zod'
import { Passing, passingStatuses } from '../../../kit/passing.ts'
import { AppError } from '../../../model/errors.ts'
import type { Connection } from './connection.ts'
import type { Known } from './credentials.ts'
import { type Environment, isReadable } from './settings.ts'

/** A private registry of Amazon ECR, as its host tells it. */
export type EcrRegistry = {
  readonly account: string
  readonly region: string
  readonly partition: string
  readonly fips: boolean
  readonly domain: string
}

const hostForm = /^(\d{12})\.dkr\.ecr(-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(amazonaws\.com(?:\.cn)?)$/

/** undefined: a registry of somebody else. */
export function ecrRegistryOf(host: string): EcrRegistry | undefined {
  const [, account, fips, region, domain] = hostForm.exec(host) ?? []
  if (account === undefined || region === undefined || domain === undefined) return undefined
  const partition = domain.endsWith('.cn') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  return { account, region, partition, fips: fips !== undefined, domain }
}

const Authorization = z.object({ authorizationData: z.array(z.object({ authorizationToken: z.string() })).min(1) })
const Refusal = z.object({ __type: z.string() })
const ANSWER_BYTES = 64 << 10

export type EcrMeans = {
  readonly connection: Connection
  readonly now: number
  /** What it answers may be read by everybody on the way. */
  readonly credentialsWithoutTls: boolean
}

/**
 * Amazon ECR's GetAuthorizationToken (AWS JSON 1.1), signed with the keys of the environment: a password for a registry, good for
 * twelve hours. AWS_ENDPOINT_URL_ECR names another place to ask, as for AWS's own tools.
 */
export async function ecrCredentials(
  registry: EcrRegistry,
  env: Environment,
  { connection, now, credentialsWithoutTls }: EcrMeans,
): Promise<Known> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env
  if (!accessKeyId || !secretAccessKey)
    return {
      why: 'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN; aws configure export-credentials tells them), or use docker login',
    }
  const url = serviceOf(registry, env)
  if (isReadable(url) && !credentialsWithoutTls)
    return {
      why: `AWS_ENDPOINT_URL_ECR names ${url.origin}, which was not asked for a password: everybody on the way could read it; if they may, say "credentialsWithoutTls": true of the registry in the file of OI_REGISTRIES`,
    }
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
  // Loaded by the first of Amazon's registries: most looks meet none.
  const [{ Sha256 }, { HttpRequest }, { SignatureV4 }] = await Promise.all([
    import('@smithy/core/checksum'),
    import('@smithy/core/protocols'),
    import('@smithy/signature-v4'),
  ])
  const signer = new SignatureV4({ credentials: keys, region: registry.region, service: 'ecr', sha256: Sha256 })
  const body = '{}'
  const signed = await signer.sign(
    new HttpRequest({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      },
      body,
    }),
    { signingDate: new Date(now) },
  )
  const reply = await connection.ask({ method: 'POST', url, headers: signed.headers, body })
  const answer = parse(await reply.bytes(ANSWER_BYTES))
  if (passingStatuses.has(reply.status)) throw new Passing(`${url.host} answered ${reply.status}`)
  if (reply.status !== 200) {
    const type = Refusal.safeParse(answer).data?.__type.replace(/^.*#/, '').slice(0, 100)
    throw new AppError('denied', `${url.host} gave no authorization token: it answered ${reply.status}${type ? ` (${type})` : ''}`)
  }
  const pair = Buffer.from(Authorization.safeParse(answer).data?.authorizationData[0]?.authorizationToken ?? '', 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  if (colon < 1) throw new AppError('upstream', `${url.host} was asked for an authorization token and sent none`)
  return { credentials: { is: 'password', user: pair.slice(0, colon), password: pair.slice(colon + 1) } }
}

function serviceOf({ fips, region, domain }: EcrRegistry, env: Environment): URL {
  const named = env['AWS_ENDPOINT_URL_ECR'] || undefined
  const url = named ?? `https://${fips ? 'ecr-fips' : 'api.ecr'}.${region}.${domain}/`
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url)
  throw new AppError('invalid', `AWS_ENDPOINT_URL_ECR: expected an https: address, got ${JSON.stringify(url.slice(0, 200))}`)
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
