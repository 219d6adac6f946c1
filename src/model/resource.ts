import type { Gap, Occurrence, OperatingSystem } from './component.ts'

/** What can be scanned. AWS names are Inspector's own; the others stand for what lies outside AWS. */
export const resourceTypes = [
  'AWS_EC2_INSTANCE',
  'AWS_ECR_CONTAINER_IMAGE',
  'AWS_LAMBDA_FUNCTION',
  'CODE_REPOSITORY',
  'OPENINSPECTOR_HOST',
  'OPENINSPECTOR_CONTAINER_IMAGE',
  'OPENINSPECTOR_DIRECTORY',
] as const
export type ResourceType = (typeof resourceTypes)[number]

/** A thing that can be scanned: instance, image digest, function version, repository, host, directory. */
export type Resource = {
  /** ARN, or URN outside AWS. Unique in the whole installation. */
  readonly arn: string
  /** What people and the API call it: instance id, image ARN, host name, path. */
  readonly id: string
  readonly type: ResourceType
  /** Twelve digits. */
  readonly account: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly facts: ResourceFacts
}

/** What is known of a resource beside its packages. Every member may be absent: absent means unknown. */
export type ResourceFacts = {
  readonly hostname?: string
  readonly platform?: string
  readonly os?: OperatingSystem
  readonly arch?: string
  /** Release of the kernel that runs. */
  readonly kernel?: string
  /** Releases of the kernels that are installed; the running one may be none of them any more. */
  readonly installedKernels?: readonly string[]
  readonly path?: string
  readonly git?: GitFacts
  readonly imageDigest?: string
  readonly imageNames?: readonly string[]
  readonly imageCreatedAt?: string
  readonly addresses?: readonly string[]
  readonly processes?: readonly RunningProcess[]
  /** Processes we were not allowed to look into. */
  readonly hiddenProcesses?: number
  readonly sockets?: readonly ListeningSocket[]
  /** What documents that came with it say of its vulnerabilities. */
  readonly vex?: readonly VexClaim[]
  readonly ec2?: Ec2Facts
  readonly ecr?: EcrFacts
  readonly lambda?: LambdaFacts
}

/** OpenVEX's words for whether a vulnerability affects a package. */
export type VexState = 'affected' | 'not_affected' | 'fixed' | 'under_investigation'

/** What somebody says of a vulnerability of one package, or of the whole resource. It is shown beside a finding, and settles none. */
export type VexClaim = {
  readonly vulnerability: string
  readonly purl?: string
  readonly state: VexState
  /** Why, in the document's own words. */
  readonly justification?: string
  readonly detail?: string
  /** The document. */
  readonly source: string
}

/** What the repository of a git checkout says of its state. */
export type GitFacts = {
  /** Hash of what is checked out, whatever was changed since. */
  readonly commit?: string
  /** Absent: none is checked out, but a commit by itself. */
  readonly branch?: string
  /** Address it is fetched from, without users, passwords and queries. */
  readonly remote?: string
}

/** What Amazon's own services say of a resource, under the names of Inspector's API; times are ISO. */
export type Ec2Facts = {
  readonly type?: string
  readonly imageId?: string
  readonly vpcId?: string
  readonly subnetId?: string
  readonly keyName?: string
  readonly iamInstanceProfileArn?: string
  readonly launchedAt?: string
}
export type EcrFacts = {
  readonly repositoryName?: string
  readonly registry?: string
  readonly imageTags?: readonly string[]
  readonly imageHash?: string
  readonly architecture?: string
  readonly author?: string
  readonly pushedAt?: string
  readonly lastInUseAt?: string
  readonly inUseCount?: number
}
export type LambdaFacts = {
  readonly functionName?: string
  readonly runtime?: string
  readonly version?: string
  readonly codeSha256?: string
  readonly executionRoleArn?: string
  readonly layers?: readonly string[]
  readonly packageType?: string
  readonly architectures?: readonly string[]
  readonly lastModifiedAt?: string
}

/** A process seen running, with the files it executes or has mapped. Arguments are never kept: they hold secrets. */
export type RunningProcess = {
  readonly pid: number
  readonly name: string
  readonly executable?: string
  readonly files: readonly string[]
}

/** A socket that accepts connections, and the process behind it where that could be read. */
export type ListeningSocket = {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly pid?: number
}

/** What one collector saw on one resource at one time. A resource's inventory is the union of its current observations. */
export type Observation = {
  /** ARN or URN of the resource. */
  readonly resource: string
  /** `host`, `directory`, `image`, `sbom`, `agent` ...: who looked. */
  readonly collector: string
  /** ISO time at which the collector looked. */
  readonly at: string
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  readonly os?: OperatingSystem
}
