import type { Ecosystem } from '../../../model/seams.ts'
import { deployed } from './deployed.ts'

/** Applications and runtimes of Flatpak. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const flatpak = {
  id: 'flatpak',
  version: 1,
  title: 'Flatpak applications and runtimes',
  purlTypes: ['flatpak'],
  scheme: 'semver',
  extractors: [deployed],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
