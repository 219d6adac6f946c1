import type { Carrier } from '../../../formats/image/carrier.ts'
import { imagesIn, readImage } from '../../../formats/image/image.ts'
import { checkedLayer } from '../../../formats/image/layer.ts'
import { limits } from '../../../kit/limits.ts'
import type { ResourceSource, SourceScope } from '../../../model/seams.ts'
import { type Connection, connection } from './connection.ts'
import { credentialsFor, type Known } from './credentials.ts'
import { ecrCredentials, type EcrMeans, ecrRegistryOf } from './ecr.ts'
import { type Clock, type Endpoint, endpoint, systemClock } from './endpoint.ts'
import { resourceOf } from './identity.ts'
import { parseReference, type Reference, referenceWords } from './reference.ts'
import { registryCarrier } from './registry-carrier.ts'
import { repository } from './repository.ts'
import { certificatesOf, type Environment, isLoopback, readSettings, type RegistrySettings, settingOf } from './settings.ts'

/** Container images in a registry, read without being stored: what is known of a layer is not fetched again. */
export const registry = registryWith(systemClock)

export function registryWith(clock: Clock) {
  return {
    id: 'registry',
    version: 1,
    title: 'Container registry',
    targets: ['registry'],
    async open({ value }, scope) {
      const reference = parseReference(value)
      const { carrier, close } = await carrierOf(reference, scope, clock)
      const { account, region, cache, signal } = scope
      try {
        const wanted = reference.platform === 'all' ? undefined : reference.platform
        const image = await readImage(carrier, limits, { wanted, oursIsMeant: true })
        return {
          resource: resourceOf(reference, image, { account, region }),
          collect: async () => ({
            is: 'layers',
            layers: image.layers.map((layer) => checkedLayer(layer, cache, limits, signal)),
            gaps: image.gaps,
          }),
          close,
        }
      } catch (thrown) {
        await close()
        throw thrown
      }
    },
    several: {
      has: (value) => value.endsWith('?platform=all'),
      async list(value, scope) {
        const reference = parseReference(value)
        const { carrier, close } = await carrierOf(reference, scope, clock)
        try {
          const { digest: _, ...named } = reference
          const digests = await imagesIn(carrier, limits)
          return { values: digests.map((digest) => referenceWords({ ...named, digest })) }
        } finally {
          await close()
        }
      },
    },
  } satisfies ResourceSource
}

type Opened = { readonly carrier: Carrier; readonly close: () => Promise<void> }

async function carrierOf(reference: Reference, { env = {}, cache, signal }: SourceScope, clock: Clock): Promise<Opened> {
  const { endpoints, close } = await endpointsOf(reference, env, clock, signal)
  try {
    const held = repository(reference.name, { endpoints, manifestBytes: limits.manifestBytes, clock, signal })
    return { carrier: await registryCarrier(reference, held, { cache, limits }), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

type Endpoints = { readonly endpoints: readonly Endpoint[]; readonly close: () => Promise<void> }

/** The servers to ask: mirrors, then the registry itself. */
async function endpointsOf(reference: Reference, env: Environment, clock: Clock, signal: SourceScope['signal']): Promise<Endpoints> {
  const settings = await readSettings(env)
  const open: Connection[] = []
  const own = settingOf(settings, reference.host)
  const at = async (base: URL, host: string, reach: 'public' | 'private'): Promise<Endpoint> => {
    const setting = settingOf(settings, host)
    const connected = connection({ reach, ca: await certificatesOf(setting), signal })
    open.push(connected)
    const { realms, credentialsWithoutTls } = setting
    const known = once(() => knownFor(host, env, { connection: connected, now: clock.now(), credentialsWithoutTls }))
    return endpoint({ base, repository: reference.name, realms, credentialsWithoutTls, connection: connected, known, clock, signal })
  }
  // Mirrors are the word of whoever wrote the settings, not of whoever names an image.
  const mirrors = await Promise.all(own.mirrors.map((mirror) => at(mirror, mirror.host, 'private')))
  const itself = await at(baseOf(reference.host, settings), reference.host, own.private ? 'private' : 'public')
  return { endpoints: [...mirrors, itself], close: async () => void (await Promise.all(open.map((one) => one.close()))) }
}

/** Docker Hub answers under another name; on this machine hardly anybody has certificates. Elsewhere TLS goes without saying. */
function baseOf(host: string, settings: RegistrySettings): URL {
  if (host === 'docker.io') return new URL('https://registry-1.docker.io')
  const plain = settingOf(settings, host).http ?? isLoopback(new URL(`https://${host}`).hostname)
  return new URL(`${plain ? 'http' : 'https'}://${host}`)
}

async function knownFor(host: string, env: Environment, means: EcrMeans): Promise<Known> {
  const known = await credentialsFor(host, env)
  const ecr = ecrRegistryOf(host)
  if (known.credentials !== undefined || ecr === undefined) return known
  return await ecrCredentials(ecr, env, means)
}

/** What failed is asked for anew. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  const forget = (thrown: unknown): never => {
    made = undefined
    throw thrown
  }
  return async () => await (made ??= make().catch(forget))
}
