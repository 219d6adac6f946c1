import { arch as machineArch } from 'node:os'
import * as z from 'zod'
import type { Limits } from '../../kit/limits.ts'
import type { Gap } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { Carrier, StoredFile } from './carrier.ts'
import {
  blobName,
  digestOf,
  ImageConfig,
  ImageIndex,
  ImageManifest,
  indexTypes,
  isForeign,
  isLayerType,
  manifestTypes,
  parseJson,
  readDescribed,
  readSmall,
  SavedManifest,
  schema1Types,
  type Descriptor,
} from './manifest.ts'

/** A layer as a carrier holds it. */
export type StoredLayer = { readonly diffId: string; readonly digest?: string; readonly file: Omit<StoredFile, 'size'> }

/** One image of a carrier: what its manifest and configuration say. */
export type StoredImage = {
  /** Of the manifest, or of the configuration where there is no manifest (`docker save`). */
  readonly digest: string
  readonly names: readonly string[]
  readonly createdAt?: string
  readonly os?: string
  readonly arch?: string
  /** Oldest first. */
  readonly layers: readonly StoredLayer[]
  /** Other images and platforms that were left out. */
  readonly gaps: readonly Gap[]
}

/** Which of several images is meant. */
export type Choice = {
  /** Of this platform and no other. */
  readonly wanted?: Platform | undefined
  /** Whoever names the index means the image for this machine: where there is one, the others are not left out. */
  readonly oursIsMeant?: true
}

/** Finds the image in a carrier. Throws AppError `invalid` for what is damaged, `unsupported` for what we cannot read. */
export async function readImage(carrier: Carrier, limits: Limits, choice: Choice = {}): Promise<StoredImage> {
  const index = await carrier.find('index.json')
  if (index !== undefined) return await readLayout(carrier, index, limits, choice)
  const saved = await carrier.find('manifest.json')
  if (saved !== undefined) return await readSaved(carrier, saved, limits)
  throw new AppError('invalid', `${carrier.path} is no image: expected index.json (OCI layout) or manifest.json (docker save) in it`)
}

async function readLayout(carrier: Carrier, index: StoredFile, limits: Limits, choice: Choice): Promise<StoredImage> {
  const { wanted } = choice
  const top = parseJson(await readSmall(index, carrier, limits), ImageIndex, `${carrier.path}: index.json`)
  const { chosen, gaps } = await choose({ carrier, limits, ...choice }, top.manifests, 1)
  const manifest = await readDescribed(carrier, chosen, ImageManifest, limits)
  const config = await readConfig(carrier, manifest.config, limits)
  if (wanted !== undefined && !fits({ os: config.os ?? '', architecture: config.architecture ?? '' }, { ...wanted, variant: undefined }))
    throw new AppError('missing', `${carrier.path} is an image for ${config.os}/${config.architecture}, not for ${platformWords(wanted)}`)
  const files = await Promise.all(manifest.layers.map((layer) => layerFile(carrier, layer)))
  const held = pair(carrier, config, files, limits).flatMap(({ diffId, file }, i) =>
    file === undefined ? [] : [{ diffId, file, digest: manifest.layers[i]!.digest }],
  )
  const absent = manifest.layers.filter((_, i) => files[i] === undefined).map(absentLayer)
  return {
    digest: chosen.digest,
    names: await namesOf(carrier, chosen, limits),
    ...about(config),
    layers: held,
    gaps: [...gaps, ...absent],
  }
}

type Choosing = Choice & { readonly carrier: Carrier; readonly limits: Limits }

/**
 * The manifest to read: of the wanted platform; when none is, of this machine's, or else the first. What is left out is told, but
 * not to somebody who said what to take.
 */
async function choose(about: Choosing, listed: readonly Descriptor[], depth: number): Promise<{ chosen: Descriptor; gaps: Gap[] }> {
  const { carrier, limits, wanted, oursIsMeant } = about
  if (depth > limits.indexDepth) throw new AppError('invalid', `${carrier.path} nests image indexes more than ${limits.indexDepth} deep`)
  // BuildKit lists what it attests beside the images, under a platform that cannot be.
  const images = listed.filter(({ platform }) => platform?.os !== 'unknown')
  const [first] = images
  if (first === undefined) throw new AppError('invalid', `${carrier.path} lists no image`)
  const chosen =
    images.find(({ platform }) => platform && fits(platform, wanted ?? machinePlatform)) ??
    (wanted === undefined ? first : images.find(({ platform }) => platform === undefined))
  if (chosen === undefined)
    throw new AppError('missing', `${carrier.path} has no image for ${platformWords(wanted!)}; it has ${offered(images)}`)
  const meant = wanted !== undefined || (oursIsMeant && chosen.platform && fits(chosen.platform, machinePlatform))
  const gaps = (meant ? [] : images)
    .filter((image) => image !== chosen)
    .map((image) => ({
      path: blobName(image.digest),
      extractor: 'image',
      reason: `another image of the index, not looked at: ${wordsOf(image)}`,
    }))
  if (indexTypes.has(chosen.mediaType)) {
    const inner = await choose(about, (await readDescribed(carrier, chosen, ImageIndex, limits)).manifests, depth + 1)
    return {
      chosen: { ...inner.chosen, annotations: { ...inner.chosen.annotations, ...chosen.annotations } },
      gaps: [...gaps, ...inner.gaps],
    }
  }
  if (schema1Types.has(chosen.mediaType))
    throw new AppError(
      'unsupported',
      `${carrier.path} is an image of Docker's schema 1, which nobody has written since 2016 and which does not say what its layers hold; push it anew with a current tool`,
    )
  if (!manifestTypes.has(chosen.mediaType))
    throw new AppError(
      'unsupported',
      `${carrier.path}: cannot read a manifest of type ${chosen.mediaType}; expected an OCI or Docker (schema 2) image`,
    )
  return { chosen, gaps }
}

/** Where an image runs, as an index says it: `linux`, `arm64`, `v8`. */
export type Platform = { readonly os: string; readonly architecture: string; readonly variant?: string | undefined }

/** This machine's, where it is one that images are made for. */
export const machinePlatform: Platform = { os: 'linux', architecture: machineArch() === 'x64' ? 'amd64' : machineArch() }

const fits = (offer: Platform, wanted: Platform): boolean =>
  offer.os === wanted.os && offer.architecture === wanted.architecture && (wanted.variant === undefined || offer.variant === wanted.variant)

export const platformWords = ({ os, architecture, variant }: Platform): string => [os, architecture, variant].filter(Boolean).join('/')

/** The platforms an index offers, for a person: so many that a screen holds them. */
function offered(images: readonly Descriptor[]): string {
  const words = [...new Set(images.flatMap(({ platform }) => (platform ? [platformWords(platform)] : [])))]
  return words.slice(0, 20).join(', ') || 'images whose platform it does not say'
}

function wordsOf({ platform, annotations, digest }: Descriptor): string {
  const name = annotations?.['org.opencontainers.image.ref.name']
  const where = platform && platformWords(platform)
  return [name, where, digest].filter(Boolean).join(', ')
}

async function readConfig(carrier: Carrier, descriptor: Descriptor, limits: Limits): Promise<ImageConfig> {
  if (!/^application\/vnd\.(?:oci\.image\.config\.v1|docker\.container\.image\.v1)\+json$/.test(descriptor.mediaType))
    throw new AppError('unsupported', `${carrier.path} holds no container image but ${descriptor.mediaType}`)
  return await readDescribed(carrier, descriptor, ImageConfig, limits)
}

/** undefined: a foreign layer that is not there. */
async function layerFile(carrier: Carrier, descriptor: Descriptor): Promise<StoredFile | undefined> {
  const { mediaType, digest, size } = descriptor
  if (!isLayerType(mediaType)) throw new AppError('unsupported', `${carrier.path}: cannot read a layer of type ${mediaType} (${digest})`)
  const file = await carrier.find(blobName(digest), descriptor)
  if (file === undefined && isForeign(mediaType)) return undefined
  if (file === undefined) throw new AppError('invalid', `${carrier.path} has no ${blobName(digest)}, a layer of its image`)
  if (file.size !== size)
    throw new AppError('invalid', `${carrier.path}: layer ${digest} has ${file.size} bytes, its manifest says ${size}`)
  return file
}

const absentLayer = ({ digest, urls = [] }: Descriptor): Gap => ({
  path: blobName(digest),
  extractor: 'image',
  reason: `a layer that may not be passed on (foreign, non-distributable) and is not there: what it holds was not looked at${placesOf(urls)}`,
})

/** Addresses are never asked, only told: without what may be a secret in them, and no more than a person reads. */
function placesOf(urls: readonly string[]): string {
  const places = urls
    .slice(0, 3)
    .flatMap((url) => (URL.canParse(url) ? [new URL(url)] : []))
    .map(({ protocol, host, pathname }) => `${protocol}//${host}${pathname}`.slice(0, 200))
  return places.length === 0 ? '' : `; its manifest says it can be had from ${places.join(', ')}`
}

/** Names of the image: annotations of the index; beside them what `docker save` noted in its own manifest. */
async function namesOf(carrier: Carrier, { annotations }: Descriptor, limits: Limits): Promise<readonly string[]> {
  const named = [annotations?.['io.containerd.image.name'], annotations?.['org.opencontainers.image.ref.name']].filter(
    (name) => name !== undefined,
  )
  const saved = await carrier.find('manifest.json')
  const tags =
    saved === undefined ? [] : parseJson(await readSmall(saved, carrier, limits), SavedManifest, `${carrier.path}: manifest.json`)
  return keptNames([...(tags.length === 1 ? (tags[0]!.RepoTags ?? []) : []), ...named])
}

/** Names are shown with every finding of the image: neither more nor longer ones than an honest image has. */
const keptNames = (names: readonly string[]): readonly string[] => [...new Set(names)].filter((name) => name.length <= 512).slice(0, 100)

async function readSaved(carrier: Carrier, saved: StoredFile, limits: Limits): Promise<StoredImage> {
  const images = parseJson(await readSmall(saved, carrier, limits), SavedManifest, `${carrier.path}: manifest.json`)
  const [image, ...others] = images
  if (image === undefined) throw new AppError('invalid', `${carrier.path} lists no image in manifest.json`)
  const configFile = await carrier.find(image.Config)
  if (configFile === undefined) throw new AppError('invalid', `${carrier.path} has no ${image.Config}, the configuration of its image`)
  const bytes = await readSmall(configFile, carrier, limits, namedDigest(image.Config))
  const config = parseJson(bytes, ImageConfig, `${carrier.path}: ${image.Config}`)
  const files = await Promise.all(
    image.Layers.map(async (name) => {
      const file = await carrier.find(name)
      if (file === undefined) throw new AppError('invalid', `${carrier.path} has no ${name}, a layer of its image`)
      return file
    }),
  )
  const gaps = others.map(({ Config, RepoTags }) => ({
    path: Config,
    extractor: 'image',
    reason: `another image of the archive, not looked at: ${RepoTags?.join(', ') || Config}`,
  }))
  return {
    digest: digestOf(bytes),
    names: keptNames(image.RepoTags ?? []),
    ...about(config),
    layers: pair(carrier, config, files, limits),
    gaps,
  }
}

/** Docker names a configuration after its digest: `<hex>.json`, or `blobs/sha256/<hex>`. */
function namedDigest(name: string): string | undefined {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1]
  return hex === undefined ? undefined : `sha256:${hex}`
}

function pair<F>(
  carrier: Carrier,
  { rootfs }: ImageConfig,
  files: readonly F[],
  limits: Limits,
): readonly { readonly diffId: string; readonly file: F }[] {
  if (files.length > limits.layers)
    throw new AppError('invalid', `${carrier.path}: an image of ${files.length} layers, at most ${limits.layers} are read`)
  if (files.length !== rootfs.diff_ids.length)
    throw new AppError('invalid', `${carrier.path}: the manifest names ${files.length} layers, the configuration ${rootfs.diff_ids.length}`)
  return files.map((file, i) => ({ diffId: rootfs.diff_ids[i]!, file }))
}

/** What a configuration says of its image. */
export function about({ created, os, architecture }: ImageConfig) {
  const time = z.iso.datetime({ offset: true }).safeParse(created)
  return {
    ...(time.success && { createdAt: time.data }),
    ...(os !== undefined && { os }),
    ...(architecture !== undefined && { arch: architecture }),
  }
}
