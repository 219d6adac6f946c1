/** The shapes of the own API for those who speak it over HTTP; the CLI knows the app, not the API's room. */
export type {
  CoverageItem,
  CoveragePage,
  FeedState,
  Finding,
  FindingsPage,
  Knowledge,
  Summary,
  VerifyResult,
  Watched,
} from '../api/v1/contract.ts'
