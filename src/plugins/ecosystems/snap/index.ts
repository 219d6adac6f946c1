import type { Ecosystem } from '../../../model/seams.ts'
import { manifest } from './manifest.ts'
import { snapYaml } from './snap-yaml.ts'
import { state } from './state.ts'

/** Snaps. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const snap = {
  id: 'snap',
  version: 1,
  title: 'Snaps',
  purlTypes: ['snap'],
  scheme: 'semver',
  extractors: [snapYaml, manifest, state],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
