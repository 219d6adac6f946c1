import type { StoredImage } from '../../../formats/image/image.ts'
import type { EcrFacts, Resource } from '../../../model/resource.ts'
import { ecrRegistryOf } from './ecr.ts'
import { type Reference, referenceWords } from './reference.ts'

/** The resource an image is: in ECR under the ARN that Inspector gives it, elsewhere under a name of its digest. */
export function resourceOf(reference: Reference, image: StoredImage, { account, region }: Pick<Resource, 'account' | 'region'>): Resource {
  const { digest, createdAt, os, arch } = image
  const { host, name, tag } = reference
  const words = referenceWords(reference)
  const common = { account, region, tags: {} }
  const facts = {
    imageDigest: digest,
    imageNames: tag === undefined ? [] : [`${host}/${name}:${tag}`],
    ...(createdAt !== undefined && { imageCreatedAt: createdAt }),
    ...(os !== undefined && { platform: os }),
    ...(arch !== undefined && { arch }),
  }
  const registry = ecrRegistryOf(host)
  if (registry === undefined)
    return { ...common, arn: `urn:openinspector:image:${digest}`, id: words, type: 'OPENINSPECTOR_CONTAINER_IMAGE', facts }
  const arn = `arn:${registry.partition}:ecr:${registry.region}:${registry.account}:repository/${name}/${digest}`
  const ecr: EcrFacts = {
    repositoryName: name,
    registry: registry.account,
    imageHash: digest,
    ...(tag !== undefined && { imageTags: [tag] }),
    ...(arch !== undefined && { architecture: arch }),
  }
  return { ...common, arn, id: arn, type: 'AWS_ECR_CONTAINER_IMAGE', facts: { ...facts, ecr } }
}
