import type { Ecosystem } from '../../../model/seams.ts'
import { installed } from './installed.ts'
import { packageLock } from './package-lock.ts'

/** npm packages, locked or installed, judged by the advisories of the npm registry under their full name. */
export const npm = {
  id: 'npm',
  version: 1,
  title: 'npm packages',
  purlTypes: ['npm'],
  scheme: 'semver',
  extractors: [packageLock, installed],
  families: ['npm'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'npm', name, version }),
} satisfies Ecosystem
