import type { Limits } from '../../kit/limits.ts'
import type { Gap } from '../../model/component.ts'
import { AppError } from '../../model/errors.ts'
import type { Carrier } from './carrier.ts'
import { blobName, type Descriptor, ImageIndex, indexTypes, manifestTypes, readDescribed, schema1Types } from './manifest.ts'
import { fits, machinePlatform, type Platform, platformWords } from './platform.ts'

/** Which of several images is meant. */
export type Choice = {
  /** Of this platform and no other. */
  readonly wanted?: Platform | undefined
  /** The one with this digest: of its manifest, or of its configuration where there is no manifest. */
  readonly digest?: string | undefined
  /** Whoever names the index means the image for this machine: where there is one, the others are not left out. */
  readonly oursIsMeant?: true
}

type Choosing = Choice & { readonly carrier: Carrier; readonly limits: Limits }

/**
 * The manifest to read: of the wanted platform; when none is, of this machine's, or else the first. What is left out is told, but
 * not to somebody who said what to take.
 */
export async function choose(about: Choosing, listed: readonly Descriptor[], depth: number): Promise<{ chosen: Descriptor; gaps: Gap[] }> {
  const { carrier, limits, wanted, oursIsMeant } = about
  if (depth > limits.indexDepth) throw new AppError('invalid', `${carrier.path} nests image indexes more than ${limits.indexDepth} deep`)
  const images = listed.filter(isImage)
  const [first] = images
  if (first === undefined) throw new AppError('invalid', `${carrier.path} lists no image`)
  const chosen =
    images.find(({ platform }) => platform && fits(platform, wanted ?? machinePlatform)) ??
    (wanted === undefined ? first : images.find(({ platform }) => platform === undefined))
  if (chosen === undefined)
    throw new AppError(
      'missing',
      `${carrier.path} has no image for ${platformWords(wanted!)}; it has ${offered(images.map(({ platform }) => platform))}`,
    )
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
  refuseUnreadable(chosen, carrier)
  return { chosen, gaps }
}

function refuseUnreadable({ mediaType }: Descriptor, carrier: Carrier): void {
  if (schema1Types.has(mediaType))
    throw new AppError(
      'unsupported',
      `${carrier.path} is an image of Docker's schema 1, which nobody has written since 2016 and which does not say what its layers hold; push it anew with a current tool`,
    )
  if (!manifestTypes.has(mediaType))
    throw new AppError(
      'unsupported',
      `${carrier.path}: cannot read a manifest of type ${mediaType}; expected an OCI or Docker (schema 2) image`,
    )
}

/** The platforms that are there, for a person: so many that a screen holds them. */
export function offered(platforms: readonly (Platform | undefined)[]): string {
  const words = [...new Set(platforms.flatMap((platform) => (platform ? [platformWords(platform)] : [])))]
  return words.slice(0, 20).join(', ') || 'images whose platform it does not say'
}

function wordsOf({ platform, annotations, digest }: Descriptor): string {
  const name = annotations?.['org.opencontainers.image.ref.name']
  const where = platform && platformWords(platform)
  return [name, where, digest].filter(Boolean).join(', ')
}

/** BuildKit lists what it attests beside the images, under a platform that cannot be. */
const isImage = ({ platform }: Descriptor): boolean => platform?.os !== 'unknown'

/**
 * Every image of these and of the indexes among them, whatever its platform, in their order and each once. What cannot be read as
 * an image is among them: whoever reads it says so. Throws AppError `invalid` where there are too many.
 */
export async function everyImage(carrier: Carrier, listed: readonly Descriptor[], limits: Limits): Promise<readonly Descriptor[]> {
  const found = new Map<string, Descriptor>()
  async function visit(some: readonly Descriptor[], depth: number): Promise<void> {
    if (depth > limits.indexDepth) throw new AppError('invalid', `${carrier.path} nests image indexes more than ${limits.indexDepth} deep`)
    for (const one of some.filter(isImage)) {
      if (found.has(one.digest)) continue
      found.set(one.digest, one)
      if (found.size > limits.images) throw new AppError('invalid', `${carrier.path} lists more than ${limits.images} images and indexes`)
      if (!indexTypes.has(one.mediaType)) continue
      const { manifests } = await readDescribed(carrier, one, ImageIndex, limits)
      await visit(
        manifests.map((inner) => ({ ...inner, annotations: { ...inner.annotations, ...one.annotations } })),
        depth + 1,
      )
    }
  }
  await visit(listed, 1)
  return [...found.values()].filter(({ mediaType }) => !indexTypes.has(mediaType))
}

/** The image with a digest. Throws AppError `missing`. */
export async function withDigest(carrier: Carrier, listed: readonly Descriptor[], digest: string, limits: Limits): Promise<Descriptor> {
  const found = (await everyImage(carrier, listed, limits)).find((one) => one.digest === digest)
  if (found === undefined) throw new AppError('missing', `${carrier.path} has no image ${digest}`)
  refuseUnreadable(found, carrier)
  return found
}
