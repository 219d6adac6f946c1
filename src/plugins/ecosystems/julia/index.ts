import type { Ecosystem } from '../../../model/seams.ts'
import { manifest } from './manifest.ts'
import { project } from './project.ts'

/** Julia packages, resolved or installed, judged by the advisories of Julia's registry under their name. */
export const julia = {
  id: 'julia',
  version: 1,
  title: 'Julia packages',
  purlTypes: ['julia'],
  scheme: 'pub',
  extractors: [manifest, project],
  families: ['Julia'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'Julia', name, version }),
} satisfies Ecosystem
