import * as z from 'zod'
import type { Limits } from '../../kit/limits.ts'
import type { Gap } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { Carrier, StoredFile } from './carrier.ts'
import { choose, type Choice, everyImage, offered, withDigest } from './choose.ts'
import {
  blobName,
  digestOf,
  ImageConfig,
  ImageIndex,
  ImageManifest,
  isConfigType,
  isForeign,
  isLayerType,
  parseJson,
  readDescribed,
  readSmall,
  SavedManifest,
  type Descriptor,
} from './manifest.ts'
import { fits, type Platform, platformWords } from './platform.ts'

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

/** Digests of all images in a carrier, in their order: what `digest` of a choice may name. Throws as `readImage` does. */
export async function imagesIn(carrier: Carrier, limits: Limits): Promise<readonly string[]> {
  const index = await carrier.find('index.json')
  if (index !== undefined) {
    const { manifests } = await topOf(carrier, index, limits)
    return (await everyImage(carrier, manifests, limits)).map(({ digest }) => digest)
  }
  const saved = await carrier.find('manifest.json')
  if (saved === undefined) throw noImage(carrier)
  const digests = new Set<string>()
  for (const image of await savedImages(carrier, saved, limits)) digests.add((await savedConfig(image, carrier, limits)).digest)
  return [...digests]
}

const noImage = ({ path }: Carrier) =>
  new AppError(
    'invalid',
    `${path} is no image: expected index.json (OCI layout) or manifest.json (docker save) in it; what holds files is named archive:PATH, dir:PATH or rootfs:PATH`,
  )

async function topOf(carrier: Carrier, index: StoredFile, limits: Limits): Promise<ImageIndex> {
  return parseJson(await readSmall(index, carrier, limits), ImageIndex, `${carrier.path}: index.json`)
}

/** Finds the image in a carrier. Throws AppError `invalid` for what is damaged, `unsupported` for what we cannot read. */
export async function readImage(carrier: Carrier, limits: Limits, choice: Choice = {}): Promise<StoredImage> {
  const index = await carrier.find('index.json')
  if (index !== undefined) return await readLayout(carrier, index, limits, choice)
  const saved = await carrier.find('manifest.json')
  if (saved !== undefined) return await readSaved(carrier, saved, limits, choice)
  throw noImage(carrier)
}

async function readLayout(carrier: Carrier, index: StoredFile, limits: Limits, choice: Choice): Promise<StoredImage> {
  const { wanted } = choice
  const top = await topOf(carrier, index, limits)
  const { chosen, gaps } =
    choice.digest === undefined
      ? await choose({ carrier, limits, ...choice }, top.manifests, 1)
      : { chosen: await withDigest(carrier, top.manifests, choice.digest, limits), gaps: [] }
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

async function readConfig(carrier: Carrier, descriptor: Descriptor, limits: Limits): Promise<ImageConfig> {
  if (!isConfigType(descriptor.mediaType))
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

async function readSaved(carrier: Carrier, saved: StoredFile, limits: Limits, choice: Choice): Promise<StoredImage> {
  const images = await savedImages(carrier, saved, limits)
  const { image, config, digest } = await chosenOf(images, carrier, limits, choice)
  const files = await Promise.all(
    image.Layers.map(async (name) => {
      const file = await carrier.find(name)
      if (file === undefined) throw new AppError('invalid', `${carrier.path} has no ${name}, a layer of its image`)
      return file
    }),
  )
  const meant = choice.digest !== undefined || choice.wanted !== undefined
  const gaps = (meant ? [] : images)
    .filter((one) => one !== image)
    .map(({ Config, RepoTags }) => ({
      path: Config,
      extractor: 'image',
      reason: `another image of the archive, not looked at: ${RepoTags?.join(', ') || Config}`,
    }))
  return { digest, names: keptNames(image.RepoTags ?? []), ...about(config), layers: pair(carrier, config, files, limits), gaps }
}

async function savedImages(carrier: Carrier, saved: StoredFile, limits: Limits): Promise<SavedManifest> {
  const images = parseJson(await readSmall(saved, carrier, limits), SavedManifest, `${carrier.path}: manifest.json`)
  if (images.length > limits.images) throw new AppError('invalid', `${carrier.path} lists more than ${limits.images} images`)
  if (images.length === 0) throw new AppError('invalid', `${carrier.path} lists no image in manifest.json`)
  return images
}

type Saved = { readonly image: SavedManifest[number]; readonly config: ImageConfig; readonly digest: string }

/** The image that is meant, or else the first. */
async function chosenOf(images: SavedManifest, carrier: Carrier, limits: Limits, { digest, wanted }: Choice): Promise<Saved> {
  const offers: Platform[] = []
  for (const image of images) {
    const one = await savedConfig(image, carrier, limits)
    const offer = { os: one.config.os ?? '', architecture: one.config.architecture ?? '' }
    if (digest === undefined ? wanted === undefined || fits(offer, { ...wanted, variant: undefined }) : digest === one.digest) return one
    offers.push(offer)
  }
  if (digest !== undefined) throw new AppError('missing', `${carrier.path} has no image ${digest}`)
  throw new AppError('missing', `${carrier.path} has no image for ${platformWords(wanted!)}; it has ${offered(offers)}`)
}

async function savedConfig(image: SavedManifest[number], carrier: Carrier, limits: Limits): Promise<Saved> {
  const file = await carrier.find(image.Config)
  if (file === undefined) throw new AppError('invalid', `${carrier.path} has no ${image.Config}, the configuration of its image`)
  const bytes = await readSmall(file, carrier, limits, namedDigest(image.Config))
  return { image, config: parseJson(bytes, ImageConfig, `${carrier.path}: ${image.Config}`), digest: digestOf(bytes) }
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
