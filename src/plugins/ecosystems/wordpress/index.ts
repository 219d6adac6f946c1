import type { Ecosystem } from '../../../model/seams.ts'
import { core, plugin, theme } from './extension.ts'

/** WordPress, its plugins and themes. No advisories of them are published in OSV: they are listed, and stay unknown. */
export const wordpress = {
  id: 'wordpress',
  version: 1,
  title: 'WordPress, plugins and themes',
  purlTypes: ['wordpress'],
  scheme: 'semver',
  extractors: [core, plugin, theme],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
