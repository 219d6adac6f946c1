/** Coverage reasons (Amazon Inspector API, ScanStatusReason) in words: what is so, and what clears it. */
const words: Readonly<Record<string, string>> = {
  SUCCESSFUL: 'Scanned and watched.',
  PENDING_INITIAL_SCAN: 'Known, and waiting for its first scan.',
  SCAN_IN_PROGRESS: 'Being scanned now.',
  PENDING_REVIVAL_SCAN: 'Back after its time had expired, and waiting for a scan.',
  PENDING_DISABLE: 'Its type of scan is switched off. Enabling it clears this.',
  SCAN_FREQUENCY_SCAN_ON_PUSH: 'Scanned once when it was pushed; later advisories are not looked at. Continuous scanning clears this.',
  SCAN_FREQUENCY_MANUAL: 'Its repository is scanned by hand only. A registry rule clears this.',
  SCAN_ELIGIBILITY_EXPIRED: 'Not used for so long that watching ended. Using it again clears this.',
  IMAGE_ARCHIVED: 'Archived in its registry. Restoring it clears this.',
  EXCLUDED_BY_TAG: 'Excluded by a tag. Removing the tag clears this.',
  EC2_INSTANCE_STOPPED: 'The instance is stopped; its findings stay as they were. Starting it clears this.',
  RESOURCE_STOPPED: 'The resource is stopped; its findings stay as they were. Starting it clears this.',
  RESOURCE_TERMINATED: 'The resource is gone.',
  UNMANAGED_EC2_INSTANCE: 'No agent reports from this instance. Managing it clears this.',
  RESOURCE_UNMANAGED: 'No agent reports from this resource. Installing one clears this.',
  NO_INVENTORY: 'What is installed could not be read; what was held is kept. The gaps say why.',
  STALE_INVENTORY: 'The last look is too old to be trusted. A new one clears this.',
  UNSUPPORTED_OS: 'Nobody publishes advisories for this operating system that could be used here.',
  UNSUPPORTED_MEDIA_TYPE: 'This kind of image cannot be read.',
  UNSUPPORTED_RUNTIME: 'This function runtime cannot be judged.',
  UNSUPPORTED_CODE_ARTIFACTS: 'What the function is made of cannot be read.',
  UNSUPPORTED_LANGUAGE: 'The language of this repository cannot be judged.',
  DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED: 'More packages than are collected; some were not judged. Narrower paths clear this.',
  DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED: 'The daily inventory quota is used up; some packages were not judged.',
  DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED: 'Collecting took too long; some packages were not judged. Narrower paths clear this.',
  DEEP_INSPECTION_NO_INVENTORY: 'Packages of languages were not reported yet.',
  AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED: 'Its volumes are too many or too big to be read.',
  AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED: 'Reading its volumes took too long.',
  ACCESS_DENIED: 'We were not allowed to read it. Its policy decides.',
  ACCESS_DENIED_TO_ENCRYPTION_KEY: 'We were not allowed to use its key. The key policy decides.',
  INTEGRATION_CONNECTION_LOST:
    'The connection to who tells us of it is broken: findings stay as they were. It clears when the connection is back.',
  NO_SCAN_CONFIGURATION_ASSOCIATED: 'No scan configuration is associated with this repository.',
  INTERNAL_ERROR: 'Something failed on our side; it is tried again.',
}

/** A reason in words; `detail` is what the collector said. Unknown reasons are shown as they are. */
export const whyOf = (reason: string, detail: string | undefined): string =>
  [words[reason] ?? reason, ...(detail === undefined ? [] : [detail])].join(' ')
