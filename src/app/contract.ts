/** The shapes of the own API for those who speak it over HTTP; the CLI knows the app, not the API's room. */
export type {
  AgentItem,
  AgentsPage,
  CoverageItem,
  CoveragePage,
  Enrolments,
  FeedState,
  FilterItem,
  FilterPreview,
  Filters,
  Finding,
  FindingsPage,
  Knowledge,
  NewEnrolment,
  Summary,
  VerifyResult,
  Watched,
} from '../api/v1/contract.ts'
