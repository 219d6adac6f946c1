/** The shapes of the own API for those who speak it over HTTP; the CLI knows the app, not the API's room. */
export type {
  CoverageItem,
  CoveragePage,
  FeedState,
  FilterItem,
  FilterPreview,
  Filters,
  Finding,
  FindingsPage,
  Knowledge,
  Summary,
  VerifyResult,
  Watched,
} from '../api/v1/contract.ts'
