import type { Ecosystem } from '../../../model/seams.ts'
import { bunLock, bunLockb } from './bun-lock.ts'
import { denoLock } from './deno-lock.ts'
import { installed } from './installed.ts'
import { packageJson } from './package-json.ts'
import { packageLock } from './package-lock.ts'
import { pnpmLock } from './pnpm-lock.ts'
import { yarnCache } from './yarn-cache.ts'
import { pnp, yarnState } from './yarn-installed.ts'
import { yarnLock } from './yarn-lock.ts'

/**
 * npm packages, locked by any package manager or installed, judged by the advisories of the npm registry under their full name.
 * Packages of JSR come in the same locks; nobody publishes advisories for them.
 */
export const npm = {
  id: 'npm',
  version: 2,
  title: 'npm packages',
  purlTypes: ['npm', 'jsr'],
  scheme: 'semver',
  extractors: [packageLock, yarnLock, pnpmLock, bunLock, bunLockb, denoLock, packageJson, installed, yarnCache, pnp, yarnState],
  families: ['npm'],
  advisoryKey: ({ type, name, version }) => (type === 'npm' ? { ecosystem: 'npm', name, version } : undefined),
} satisfies Ecosystem
