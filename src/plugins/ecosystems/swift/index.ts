import { lookupName } from '../../../formats/osv-names.ts'
import type { Ecosystem } from '../../../model/seams.ts'
import { packageResolved } from './package-resolved.ts'

/** Swift packages, judged by the advisories of their repository's address. */
export const swift = {
  id: 'swift',
  version: 1,
  title: 'Swift packages',
  purlTypes: ['swift'],
  scheme: 'semver',
  extractors: [packageResolved],
  families: ['SwiftURL'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'SwiftURL', name: lookupName('SwiftURL', name), version }),
} satisfies Ecosystem
