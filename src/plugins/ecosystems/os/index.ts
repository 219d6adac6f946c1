import type { Ecosystem } from '../../../model/seams.ts'
import { osRelease } from './os-files.ts'

/** The operating system itself. It judges nothing: packages get its name and release, and are judged by those. */
export const os = {
  id: 'os',
  version: 1,
  title: 'Operating systems',
  purlTypes: [],
  scheme: 'semver',
  extractors: [osRelease],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
