import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Limits } from '../../kit/limits.ts'
import { AppError, reasonOf } from '../../model/errors.ts'
import type { Carrier, StoredFile } from './carrier.ts'

const sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256:<64 hex digits>')
const Annotations = z.record(z.string(), z.string()).optional()
const Descriptor = z.object({
  mediaType: z.string(),
  digest: sha256Digest,
  size: z.number().int().nonnegative(),
  annotations: Annotations,
  /** Where whoever may not pass it on says that it can be had; nothing but words, so that odd ones spoil nothing. */
  urls: z.array(z.string()).optional().catch(undefined),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
})
export type Descriptor = z.infer<typeof Descriptor>

/** A document that is index and manifest at once is read as one thing by some and as the other by others (image-spec, GHSA-77vh-xpmg-72qh). */
const absent = z.undefined('an image index and an image manifest at once: expected one of them').optional()
/** OCI image specification, image-index.md; Docker's manifest list has the same shape. */
export const ImageIndex = z.object({ manifests: z.array(Descriptor), layers: absent, config: absent })
export type ImageIndex = z.infer<typeof ImageIndex>
/** OCI image specification, manifest.md; Docker's manifest of schema 2 has the same shape. */
export const ImageManifest = z.object({ config: Descriptor, layers: z.array(Descriptor), manifests: absent })
/** OCI image specification, config.md. */
export const ImageConfig = z.object({
  created: z.string().optional(),
  architecture: z.string().optional(),
  os: z.string().optional(),
  rootfs: z.object({ diff_ids: z.array(sha256Digest) }),
})
export type ImageConfig = z.infer<typeof ImageConfig>
/** `manifest.json` of `docker save` (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format"). */
export const SavedManifest = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }))
export type SavedManifest = z.infer<typeof SavedManifest>

export const indexTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
export const manifestTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])
/** What Docker and registries held before 2016: signed, without digests of what layers hold. */
export const schema1Types: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
])

const layerType =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?)$/

/** Of the configuration of a container image: what has another type is another artifact. */
export const isConfigType = (mediaType: string): boolean =>
  /^application\/vnd\.(?:oci\.image\.config\.v1|docker\.container\.image\.v1)\+json$/.test(mediaType)
export const isLayerType = (mediaType: string): boolean => layerType.test(mediaType)
/** A layer that may not be passed on: images name it, and often do not hold it. */
export const isForeign = (mediaType: string): boolean => layerType.test(mediaType) && /\.(?:nondistributable|foreign)\./.test(mediaType)

/** The small JSON file that a descriptor names, its digest checked. */
export async function readDescribed<T>(carrier: Carrier, descriptor: Descriptor, schema: z.ZodType<T>, limits: Limits): Promise<T> {
  const name = blobName(descriptor.digest)
  const file = await carrier.find(name, descriptor)
  if (file === undefined) throw new AppError('invalid', `${carrier.path} has no ${name}, which its ${descriptor.mediaType} should be`)
  return parseJson(await readSmall(file, carrier, limits, descriptor.digest), schema, `${carrier.path}: ${name}`)
}

export const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`

export async function readSmall(file: StoredFile, carrier: Carrier, limits: Limits, digest?: string): Promise<Buffer> {
  if (file.size > limits.manifestBytes)
    throw new AppError(
      'invalid',
      `${carrier.path}: ${file.name} has ${file.size} bytes, at most ${limits.manifestBytes} of such a file are read`,
    )
  const pieces: Uint8Array[] = []
  for await (const piece of file.read()) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  const found = digestOf(bytes)
  if (digest !== undefined && digest !== found)
    throw new AppError('invalid', `${carrier.path}: ${file.name} is damaged: its digest is ${found}`)
  return bytes
}

export function parseJson<T>(bytes: Buffer, schema: z.ZodType<T>, named: string): T {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (thrown) {
    throw new AppError('invalid', `${named} is not JSON: ${reasonOf(thrown)}`, { cause: thrown })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AppError('invalid', `${named} is not as expected: ${z.prettifyError(parsed.error).slice(0, 500)}`)
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
