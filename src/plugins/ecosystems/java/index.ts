import type { Ecosystem } from '../../../model/seams.ts'
import { archive, unpacked } from './archive.ts'
import { gradleLock } from './gradle-lock.ts'
import { pom } from './pom.ts'
import { sbtLock } from './sbt-lock.ts'
import { versionCatalog } from './version-catalog.ts'

/** Java packages, judged by the advisories of Maven's central repository under group and artifact. */
export const java = {
  id: 'java',
  version: 1,
  title: 'Java packages',
  purlTypes: ['maven'],
  scheme: 'maven',
  extractors: [archive, unpacked, pom, gradleLock, versionCatalog, sbtLock],
  families: ['Maven'],
  // a name without a group is not one of the repository's
  advisoryKey: ({ name, version }) => (name.includes(':') ? { ecosystem: 'Maven', name, version } : undefined),
} satisfies Ecosystem
