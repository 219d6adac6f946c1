import * as z from 'zod'
import { agentProtocol } from '../../core/agents/index.ts'
import { resourceTypes } from '../../model/resource.ts'
import { severities } from '../../model/finding.ts'
import { sbomFormats, usualSbomFormat } from '../../model/sbom.ts'

/** The shapes of `/api/v1`: JSON in camelCase, times as ISO 8601 in UTC. What the OpenAPI document says is made from these. */

const Time = z.iso.datetime().describe('ISO 8601, UTC')
const Count = z.int().min(0)
/** A text that can be stored and looked for: PostgreSQL takes neither NUL nor half a surrogate pair. */
const text = () => z.string().refine((value) => value.isWellFormed() && !value.includes('\0'), 'expected a text without U+0000')
/** A query parameter that may be given more than once; commas do not split. */
const repeated = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item).max(100).optional())

export const SeverityBand = z.enum(severities)
export const FindingStatus = z.enum(['ACTIVE', 'SUPPRESSED', 'CLOSED'])
export const FixAvailable = z.enum(['YES', 'NO', 'PARTIAL'])
export const ResourceType = z.enum(resourceTypes)
export const Role = z.enum(['viewer', 'operator', 'admin'])

/** Every answer that is not a success. `code` is AppError's, or `internal`. */
export const ApiError = z.object({
  error: z.object({
    code: z.enum(['invalid', 'denied', 'missing', 'conflict', 'limited', 'quota', 'unsupported', 'upstream', 'internal']),
    message: z.string().describe('What was expected, what came, where'),
    details: z.record(z.string(), z.unknown()).optional(),
    correlationId: z.string().describe('Names this request in the log'),
  }),
})

/**
 * full: every feed in use is loaded and within its age; starter: only the small built-in set was judged; stale: a feed is
 * older than its limit or its last load failed; none: nothing loaded yet. Only `full` may ever look good.
 */
export const KnowledgeState = z.enum(['full', 'starter', 'stale', 'none'])
/** Work between a change and its findings: 0 is settled. */
export const Evaluating = z.object({
  pending: Count.describe('Changes that have yet to reach findings, and looks'),
  looks: Count.describe('Of these, looks due or under way because something changed or somebody asked'),
})

export const FeedState = z.object({
  name: z.string().describe('`osv/Debian`, `kev`, `epss`'),
  unit: z.string().describe('Id of the feed unit'),
  ecosystem: z.string().optional().describe('OSV ecosystem, for feeds kept for each'),
  state: z.enum(['fresh', 'stale', 'failed', 'never', 'loading']),
  records: Count,
  broken: Count.describe('Records that could not be understood'),
  checkedAt: Time.optional(),
  loadedAt: Time.optional(),
  publishedAt: Time.optional().describe("The publisher's time of the newest content"),
  staleAfterHours: z.number(),
  error: z.string().optional(),
  errorAt: Time.optional(),
})
export const Knowledge = z.object({ state: KnowledgeState, feeds: z.array(FeedState) })
/** In answers that rest on knowledge: what kind it was. */
export const KnowledgeBrief = z.object({ state: KnowledgeState, oldest: Time.optional(), newest: Time.optional() })

export const Session = z.object({
  principal: z.object({ name: z.string(), role: Role, account: z.string().describe('Twelve digits') }),
  homeRegion: z.string(),
  product: z.object({ name: z.literal('OpenInspector'), version: z.string() }),
  store: z.enum(['embedded', 'server']),
  knowledge: Knowledge,
  evaluating: Evaluating,
})
/** The resource or filter a path names. */
export const Arn = z.object({ arn: text().min(1).max(2048) })
/** Exchange of a one-time link for a session cookie. */
export const SessionLink = z.object({ token: z.string().min(16).max(200) })

const VulnerablePackage = z.looseObject({
  name: z.string(),
  version: z.string(),
  epoch: z.number().optional(),
  release: z.string().optional(),
  arch: z.string().optional(),
  packageManager: z.string().optional(),
  filePath: z.string().optional(),
  sourceLayerHash: z.string().optional(),
  fixedInVersion: z.string().optional(),
  remediation: z.string().optional(),
})
/** Inspector's Finding (API version 2020-06-08), times as ISO text, and our own id: the last part of the ARN. */
export const Finding = z.looseObject({
  id: z.string().describe('32 hex digits'),
  findingArn: z.string(),
  awsAccountId: z.string(),
  type: z.enum(['PACKAGE_VULNERABILITY', 'NETWORK_REACHABILITY', 'CODE_VULNERABILITY']),
  title: z.string().optional(),
  description: z.string(),
  severity: SeverityBand,
  status: FindingStatus,
  inspectorScore: z.number().optional(),
  inspectorScoreDetails: z.looseObject({}).optional(),
  fixAvailable: FixAvailable.optional(),
  exploitAvailable: z.enum(['YES', 'NO']).optional(),
  exploitabilityDetails: z.looseObject({}).optional(),
  epss: z.object({ score: z.number() }).optional(),
  remediation: z.looseObject({ recommendation: z.looseObject({ text: z.string().optional(), Url: z.string().optional() }).optional() }),
  firstObservedAt: Time,
  lastObservedAt: Time,
  updatedAt: Time.optional(),
  resources: z.array(
    z.looseObject({
      id: z.string(),
      type: z.string(),
      region: z.string().optional(),
      tags: z.record(z.string(), z.string()).optional(),
      details: z.looseObject({}).optional(),
    }),
  ),
  packageVulnerabilityDetails: z
    .looseObject({
      vulnerabilityId: z.string(),
      source: z.string(),
      sourceUrl: z.string().optional(),
      vendorSeverity: z.string().optional(),
      vendorCreatedAt: Time.optional(),
      vendorUpdatedAt: Time.optional(),
      relatedVulnerabilities: z.array(z.string()).optional(),
      referenceUrls: z.array(z.string()).optional(),
      cvss: z
        .array(z.looseObject({ baseScore: z.number(), scoringVector: z.string(), version: z.string(), source: z.string() }))
        .optional(),
      vulnerablePackages: z.array(VulnerablePackage).optional(),
    })
    .optional(),
})
export const FindingEvidence = z.object({
  /** Each advisory that calls a component of this finding vulnerable, with the range that holds its version. */
  matches: z.array(
    z.looseObject({
      component: z.string().describe('Package URL'),
      version: z.string().optional(),
      verdict: z.enum(['affected', 'undecided']),
      advisory: z.string().optional(),
      feed: z.string().optional(),
      source: z.string().optional(),
      range: z.unknown().optional(),
      fixedIn: z.string().optional(),
      because: z.string().optional(),
    }),
  ),
  /** Where the components lie. */
  locations: z.array(z.looseObject({ component: z.string(), path: z.string(), layer: z.string().optional(), extractor: z.string() })),
})
export const FindingDetail = Finding.extend({ evidence: FindingEvidence })

export const FindingSort = z.enum([
  'severity',
  'score',
  'status',
  'firstObservedAt',
  'lastObservedAt',
  'vulnerability',
  'epss',
  'resource',
  'type',
])
const Paging = {
  limit: z.coerce.number().int().min(1).max(100).optional().describe('1 to 100; 25 when absent'),
  after: z.string().max(4096).optional().describe('`after` of the answer before'),
}
export const FindingsQuery = z.strictObject({
  status: repeated(FindingStatus),
  severity: repeated(SeverityBand),
  resourceType: repeated(ResourceType),
  resource: repeated(text().min(1).max(1011)).describe('Resource id, as coverage shows it'),
  vulnerability: repeated(text().min(1).max(1011)).describe('CVE or other id; a trailing * means prefix'),
  package: repeated(text().min(1).max(1011)).describe('Package name; a trailing * means prefix'),
  fix: repeated(FixAvailable),
  exploit: repeated(z.enum(['YES', 'NO'])),
  text: text().min(1).max(256).optional().describe('Prefix of a title (it begins with the vulnerability) or of a package name'),
  criteria: z.string().max(65_536).optional().describe("JSON of Inspector's FilterCriteria; narrows what the other parameters say"),
  sort: FindingSort.optional(),
  order: z.enum(['asc', 'desc']).optional(),
  ...Paging,
})
const answer = { knowledge: KnowledgeBrief, evaluating: Evaluating }
export const FindingsPage = z.object({
  items: z.array(Finding),
  after: z.string().optional(),
  total: Count.optional().describe('Exact; absent where counting would cost too much'),
  ...answer,
})
export const FindingEvent = z.looseObject({
  at: Time,
  change: z.enum(['OPENED', 'REOPENED', 'CLOSED', 'SUPPRESSED', 'RESTORED', 'CHANGED', 'MERGED']),
  status: z.string(),
  severity: SeverityBand,
  score: z.number().optional(),
  fixAvailable: FixAvailable.optional(),
})
export const FindingHistory = z.object({ items: z.array(FindingEvent), after: z.string().optional() })

export const SeverityCounts = z.object({
  all: Count,
  critical: Count,
  high: Count,
  medium: Count,
  low: Count,
  informational: Count,
  untriaged: Count,
})
export const CoverageCount = z.object({ group: z.string(), count: Count })
export const Summary = z.object({
  severities: SeverityCounts,
  resourceTypes: z.array(z.object({ resourceType: ResourceType, counts: SeverityCounts })),
  fixAvailable: Count,
  exploitAvailable: Count,
  coverage: z.array(
    z.object({
      status: z.enum(['ACTIVE', 'INACTIVE']),
      reason: z.string(),
      count: Count,
      unsupported: Count.optional().describe('Those of them whose operating system is past its end of life, or of which that is unknown'),
    }),
  ),
  topResources: z.array(z.object({ arn: z.string(), resourceId: z.string(), resourceType: ResourceType, counts: SeverityCounts })),
  knowledge: Knowledge,
  evaluating: Evaluating,
})

const Support = z.object({
  state: z.enum(['supported', 'ended', 'unknown']),
  until: z.iso.date().optional().describe('Day of the last security updates'),
})
export const CoverageItem = z.looseObject({
  arn: z.string(),
  resourceId: z.string(),
  resourceType: ResourceType,
  accountId: z.string(),
  region: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  reason: z.string().describe("Inspector's reason: SUCCESSFUL, PENDING_INITIAL_SCAN, UNSUPPORTED_OS ..."),
  reasonDetail: z.string().optional(),
  why: z.string().describe('The reason in words, and what clears it'),
  gaps: Count,
  collectors: z.array(z.string()),
  knowledge: KnowledgeState.describe('What it was judged by'),
  lastScannedAt: Time.optional(),
  lastObservedAt: Time.optional(),
  target: z.string().optional(),
  os: z.string().optional().describe('Its operating system'),
  support: Support.optional().describe('Whether its operating system still gets security updates'),
  tags: z.record(z.string(), z.string()),
  counts: SeverityCounts.optional(),
})
const coverageFilter = {
  status: repeated(z.enum(['ACTIVE', 'INACTIVE'])),
  reason: repeated(text().max(128)),
  resourceType: repeated(ResourceType),
  resource: repeated(text().min(1).max(1011)),
}
export const CoverageQuery = z.strictObject({ ...coverageFilter, ...Paging })
export const CoveragePage = z.object({ items: z.array(CoverageItem), after: z.string().optional(), total: Count.optional(), ...answer })
export const CoverageStatisticsQuery = z.strictObject({
  groupBy: z.enum(['status', 'reason', 'resourceType', 'account']).default('status'),
  ...coverageFilter,
})
export const CoverageStatistics = z.object({ total: Count, groups: z.array(CoverageCount) })

const Gap = z.object({ path: z.string(), extractor: z.string(), reason: z.string() })
export const ResourceDetail = CoverageItem.extend({
  facts: z.looseObject({}),
  observations: z.array(z.object({ collector: z.string(), collectedAt: Time, components: Count, gaps: z.array(Gap) })),
  components: Count,
})
export const SbomQuery = z.strictObject({ format: z.enum(sbomFormats).default(usualSbomFormat) })
export const SbomDocument = z.unknown().describe('A document of the format that was asked for, which its own specification describes')
/** `host`, `dir:PATH`, `rootfs:PATH`, `disk:PATH`, `image:PATH`, `registry:NAME`, `docker:[NAME]`, `containerd:[NAME]`, `archive:PATH`, `lambda:PATH`, `sbom:PATH`; paths are those of the machine the server runs on. */
export const WatchTarget = z.strictObject({ target: text().min(1).max(4096) })
export const Watched = z.object({ arn: z.string(), resourceId: z.string(), resourceType: ResourceType, target: z.string() })
export const WatchedSeveral = z
  .object({
    target: z.string(),
    members: z.array(Watched).readonly(),
    failed: z.array(z.object({ target: z.string(), reason: z.string() })).readonly(),
  })
  .describe('Of a target that stands for several: those that are there now, each watched from now on, and those that could not be opened')
/** Work goes on in the background; the answer says only that it is queued. */
export const Accepted = z.object({ accepted: z.literal(true) })

export const SyncFeeds = z.strictObject({ feeds: z.array(text().max(128)).max(100).optional().describe('Names; all when absent') })

export const VerifyResult = z.looseObject({
  ok: z.boolean(),
  checkedAt: Time,
  differences: z
    .array(z.object({ about: z.string(), subject: z.string(), expected: z.unknown(), stored: z.unknown() }))
    .describe('At most 1,000: more would be the same cause'),
  pending: Count.describe('Changes that had yet to reach findings: a difference may be only that'),
  looks: Count.describe('Looks due or under way: what they see is not among the stored inputs yet'),
  checked: z.record(z.string(), Count),
})

export const FilterAction = z.enum(['NONE', 'SUPPRESS'])
export const FilterItem = z.object({
  arn: z.string(),
  name: z.string(),
  action: FilterAction,
  criteria: z.looseObject({}).describe("Inspector's FilterCriteria"),
  sentence: z.string().describe('The criteria in words'),
  region: z.string().describe('The Region it holds for'),
  hides: Count.optional().describe(
    'Findings a suppression rule hides now, alone or with others; absent where counting would cost too much',
  ),
  description: z.string().optional(),
  reason: z.string().optional(),
  createdAt: Time,
  updatedAt: Time,
})
export const FilterInput = z.strictObject({
  name: text().min(3).max(128),
  action: FilterAction,
  criteria: z.looseObject({}),
  description: text().min(1).max(512).optional(),
  reason: text().min(1).max(512).optional(),
})
export const FilterChange = FilterInput.partial()
export const FiltersQuery = z.strictObject({ action: FilterAction.optional(), ...Paging })
/** A rule before it is made: criteria, or the parameters of a list of findings; `status` counts for nothing, a rule looks at what is open. */
export const FilterPreviewInput = z.strictObject({
  criteria: z.looseObject({}).optional(),
  query: FindingsQuery.omit({ status: true, sort: true, order: true, limit: true, after: true }).optional(),
})
export const FilterPreview = z.object({
  criteria: z.looseObject({}).describe("Inspector's FilterCriteria, to make the rule with"),
  sentence: z.string(),
  active: Count.optional().describe('Findings it would hide that nothing hides yet; absent where counting would cost too much'),
  suppressed: Count.optional().describe('Findings it matches that are hidden already; absent as above'),
})
export const Filters = z.object({ items: z.array(FilterItem), after: z.string().optional() })

export const AgentItem = z.object({
  id: z.string(),
  arn: z.string().describe('The host it speaks for'),
  hostname: z.string(),
  version: z.string().describe('Of the agent'),
  status: z.enum(['connected', 'disconnected', 'revoked']),
  enrolledWith: z.string().describe('Name of the enrolment token'),
  enrolledAt: Time,
  seenAt: Time.describe('When it was heard of last'),
  revokedAt: Time.optional(),
})
export const AgentsQuery = z.strictObject({ ...Paging, after: z.uuid().optional() })
export const AgentsPage = z.object({ items: z.array(AgentItem), after: z.string().optional() })
export const AgentId = z.object({ id: z.uuid() })
export const EnrolmentInput = z.strictObject({
  name: text().min(1).max(128).default('unnamed').describe('Says to people what the token is for'),
  uses: z.int().min(1).max(100_000).default(1).describe('Hosts it may enrol'),
  hours: z.number().positive().max(8_760).default(1).describe('How long it may be used'),
})
export const EnrolmentItem = z.object({
  id: z.string(),
  name: z.string(),
  usesLeft: Count,
  createdBy: z.string(),
  createdAt: Time,
  expiresAt: Time,
})
export const NewEnrolment = EnrolmentItem.extend({ token: z.string().describe('Told this once') })
export const Enrolments = z.object({ items: z.array(EnrolmentItem) })
export const EnrolmentId = z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) })

const protocol = z.literal(agentProtocol).describe('Of the exchange, not of the program')
/** What a host says of itself to get its agent. */
export const EnrolInput = z.object({
  protocol,
  token: z.string().max(200),
  credential: z
    .string()
    .regex(/^oia_[\w-]{43}$/)
    .describe('Made by the host: `oia_` and 32 random bytes in base64url. Only its hash is kept'),
  host: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('Names the machine for good'),
  hostname: text().min(1).max(256),
  version: text().min(1).max(64),
})
const everySeconds = z.number().describe('How often the server wants to hear of the agent')
export const Enrolled = z.object({ agent: z.string(), arn: z.string(), account: z.string(), region: z.string(), everySeconds })
const RowName = z.string().regex(/^[0-9a-f]{32}$/)
const State = z.string().regex(/^[0-9a-f]{64}$/)
export const AgentReport = z.object({
  protocol,
  version: text().min(1).max(64),
  at: z.iso.datetime().describe('Of the last look'),
  base: State.optional().describe('The state acknowledged last; absent: `add` is everything'),
  state: State.describe('SHA-256 of the sorted names of all rows; the same as `base` where nothing changed'),
  add: z.array(z.string().max(262_144)).max(250_000).describe('Rows that came, each a JSON text'),
  drop: z.array(RowName).max(250_000).describe('Names of rows that went: the first 32 hex digits of their SHA-256'),
})
export const AgentAnswer = z.object({
  is: z
    .enum(['held', 'recorded', 'all'])
    .describe('held: nothing new; recorded: taken in; all: the base is not known here, send everything'),
  everySeconds,
})

/** Message of `/changes`. `hello` comes first; `lost` says that messages were dropped and lists should be read again. */
export const Change = z.discriminatedUnion('is', [
  z.object({ is: z.literal('hello'), knowledge: KnowledgeBrief, evaluating: Evaluating }),
  z.object({ is: z.literal('findings'), count: Count, arns: z.array(z.string()).max(100) }),
  z.object({ is: z.literal('coverage'), arns: z.array(z.string()).max(100) }),
  z.object({ is: z.literal('evaluating'), ...Evaluating.shape }),
  z.object({ is: z.literal('feeds'), knowledge: KnowledgeBrief }),
  z.object({ is: z.literal('lost') }),
])

export type Session = z.output<typeof Session>
export type Knowledge = z.output<typeof Knowledge>
export type Finding = z.output<typeof Finding>
export type FindingDetail = z.output<typeof FindingDetail>
export type FindingsQuery = z.output<typeof FindingsQuery>
export type FindingsPage = z.output<typeof FindingsPage>
export type Summary = z.output<typeof Summary>
export type CoverageQuery = z.output<typeof CoverageQuery>
export type CoverageItem = z.output<typeof CoverageItem>
export type CoveragePage = z.output<typeof CoveragePage>
export type Evaluating = z.output<typeof Evaluating>
export type FeedState = z.output<typeof FeedState>
export type KnowledgeState = z.output<typeof KnowledgeState>
export type Watched = z.output<typeof Watched>
export type WatchedSeveral = z.output<typeof WatchedSeveral>
export type Change = z.output<typeof Change>
export type ApiError = z.output<typeof ApiError>
export type FilterItem = z.output<typeof FilterItem>
export type FilterPreview = z.output<typeof FilterPreview>
export type Filters = z.output<typeof Filters>
export type VerifyResult = z.output<typeof VerifyResult>
export type AgentItem = z.output<typeof AgentItem>
export type AgentsPage = z.output<typeof AgentsPage>
export type NewEnrolment = z.output<typeof NewEnrolment>
export type Enrolments = z.output<typeof Enrolments>
export type EnrolInput = z.output<typeof EnrolInput>
export type Enrolled = z.output<typeof Enrolled>
export type AgentReport = z.output<typeof AgentReport>
export type AgentAnswer = z.output<typeof AgentAnswer>
