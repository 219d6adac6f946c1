import type { ResourceFacts, ResourceType } from '../../model/resource.ts'
import type { ResourceDetails } from './present-types.ts'

type Block = Readonly<Record<string, unknown>>
const times = new Set(['launchedAt', 'pushedAt', 'lastInUseAt', 'lastModifiedAt'])

/** Only members that are known, times as Date. */
function known(members: Block): Block {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, times.has(name) && typeof value === 'string' ? new Date(value) : value]),
  )
}

/** The `details` of a finding's resource from what is known of it. */
export function detailsOf(type: ResourceType, facts: ResourceFacts): ResourceDetails {
  switch (type) {
    case 'AWS_EC2_INSTANCE': {
      const ec2 = facts.ec2 ?? {}
      return {
        awsEc2Instance: known({ ...addressesOf(facts), ...ec2, platform: platformOf(facts) }),
        vm: known({
          ...addressesOf(facts),
          type: ec2.type,
          vmName: facts.hostname,
          vmImageReference: ec2.imageId,
          networkId: ec2.vpcId,
          subnetIds: ec2.subnetId === undefined ? undefined : [ec2.subnetId],
          launchedAt: ec2.launchedAt,
          platform: platformOf(facts),
          keyName: ec2.keyName,
        }),
      }
    }
    case 'OPENINSPECTOR_HOST':
      return { vm: known({ ...addressesOf(facts), vmName: facts.hostname, platform: platformOf(facts) }) }
    case 'AWS_ECR_CONTAINER_IMAGE': {
      const ecr = facts.ecr ?? {}
      const { imageHash, ...neutral } = ecr
      return {
        awsEcrContainerImage: known({ ...ecr, platform: platformOf(facts) }),
        image: known({ ...neutral, imageDigest: imageHash, platform: platformOf(facts) }),
      }
    }
    case 'OPENINSPECTOR_CONTAINER_IMAGE':
      return {
        image: known({
          ...named(facts.imageNames?.[0]),
          imageTags: tagsOf(facts.imageNames),
          imageDigest: facts.imageDigest,
          architecture: facts.arch,
          platform: platformOf(facts),
        }),
      }
    case 'AWS_LAMBDA_FUNCTION': {
      const { functionName, executionRoleArn, codeSha256, ...rest } = facts.lambda ?? {}
      return {
        awsLambdaFunction: known({ ...facts.lambda }),
        serverlessFunction: known({
          ...rest,
          serverlessFunctionName: functionName,
          executionRole: executionRoleArn,
          codeDigest: codeSha256,
        }),
      }
    }
    case 'CODE_REPOSITORY':
    case 'OPENINSPECTOR_DIRECTORY':
      return {}
  }
}

/** `DEBIAN_12`, `UBUNTU_22_04`: how Inspector writes a platform. */
export function platformOf({ platform, os }: ResourceFacts): string | undefined {
  if (platform !== undefined) return platform
  return os === undefined
    ? undefined
    : [os.id, ...(os.version === undefined ? [] : [os.version])]
        .join('_')
        .replaceAll(/[^A-Za-z0-9]/g, '_')
        .toUpperCase()
}

const addressesOf = ({ addresses }: ResourceFacts): Block => ({
  ipV4Addresses: addresses?.filter((address) => !address.includes(':')),
  ipV6Addresses: addresses?.filter((address) => address.includes(':')),
})

const withoutDigest = (name: string) => name.replace(/@.*$/, '')
function named(name: string | undefined): Block {
  if (name === undefined) return {}
  const [, registry, repositoryName] = /^(?:([^/]*[.:][^/]*|localhost)\/)?(.*?)(?::[^/:]*)?$/.exec(withoutDigest(name)) ?? []
  return { registry, repositoryName }
}
const tagsOf = (names: readonly string[] | undefined) => names?.flatMap((name) => /:([^/:]+)$/.exec(withoutDigest(name))?.[1] ?? [])
