import { type Platform, parsePlatform } from '../../../formats/image/platform.ts'
import { AppError } from '../../../model/errors.ts'

/** An image in a registry, as a person names it. */
export type Reference = {
  /** `docker.io`, `registry.example.org:5000`. */
  readonly host: string
  /** `library/alpine`: a name of one step at Docker Hub is one of its library. */
  readonly name: string
  /** Absent where a digest says which. */
  readonly tag?: string
  readonly digest?: string
  /** Absent: this machine's. `all`: one image for each that there is. */
  readonly platform?: Platform | 'all'
}

/** Docker Hub by all its names. */
const hub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

const hostForm = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/i
const nameForm = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/
const tagForm = /^\w[\w.-]{0,127}$/
const digestForm = /^sha256:[0-9a-f]{64}$/

/**
 * Reads `HOST[:PORT]/NAME[:TAG][@sha256:...][?platform=OS/ARCH|all]`, or a name as Docker's users write it (`alpine:3.20`). The grammar
 * of names is that of the OCI distribution specification and of `distribution/reference`. Throws AppError `invalid`.
 */
export function parseReference(text: string): Reference {
  const mark = text.indexOf('?')
  const image = mark < 0 ? text : text.slice(0, mark)
  const at = image.indexOf('@')
  const digest = at < 0 ? undefined : image.slice(at + 1)
  // What may be a password is not said again.
  if (digest !== undefined && !digestForm.test(digest))
    throw new AppError(
      'invalid',
      'registry: expected sha256:<64 hex digits> after @; users and passwords are no part of a target, but of the environment (OI_REGISTRY_HOST, OI_REGISTRY_USER, OI_REGISTRY_PASSWORD) or of docker login',
    )
  const named = at < 0 ? image : image.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const tag = tagged ? named.slice(colon + 1) : undefined
  const { host, name } = placed(tagged ? named.slice(0, colon) : named)
  const isHost = hostForm.test(host) && URL.canParse(`https://${host}`)
  if (!isHost || name.length > 255 || !nameForm.test(name) || (tag !== undefined && !tagForm.test(tag)))
    throw new AppError('invalid', `registry: expected [HOST[:PORT]/]NAME[:TAG][@sha256:...], got ${JSON.stringify(image.slice(0, 300))}`)
  const asked = mark < 0 ? undefined : askedPlatform(text.slice(mark + 1))
  return {
    host,
    name,
    ...(digest === undefined ? { tag: tag ?? 'latest' } : tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(asked !== undefined && { platform: asked }),
  }
}

/** The first step is a host when it can be no step of a name at Docker Hub. */
function placed(path: string): { readonly host: string; readonly name: string } {
  const slash = path.indexOf('/')
  const first = slash < 0 ? '' : path.slice(0, slash)
  const host = /[.:A-Z]/.test(first) || first === 'localhost' ? first.toLowerCase() : 'docker.io'
  const name = host === 'docker.io' && first !== 'docker.io' ? path : path.slice(slash + 1)
  if (!hub.has(host)) return { host, name }
  return { host: 'docker.io', name: name.includes('/') ? name : `library/${name}` }
}

function askedPlatform(query: string): Platform | 'all' {
  const given = new URLSearchParams(query)
  const asked = given.get('platform') ?? ''
  const platform = asked === 'all' ? asked : parsePlatform(asked)
  if (platform === undefined || given.size !== 1)
    throw new AppError(
      'invalid',
      `registry: expected ?platform=OS/ARCH[/VARIANT], such as ?platform=linux/arm64, or ?platform=all, got ${JSON.stringify(`?${query.slice(0, 100)}`)}`,
    )
  return platform
}

/** Without a platform: `docker.io/library/alpine:3.20`. */
export function referenceWords({ host, name, tag, digest }: Reference): string {
  // A host of one word is told from a name at Docker Hub by its capitals alone.
  const written = /[.:]/.test(host) || host === 'localhost' ? host : host.toUpperCase()
  return `${written}/${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
