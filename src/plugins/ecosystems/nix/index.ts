import type { Ecosystem } from '../../../model/seams.ts'
import { storeDatabase } from './store-database.ts'

/** Packages in a Nix store. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const nix = {
  id: 'nix',
  version: 1,
  title: 'Nix packages',
  purlTypes: ['nix'],
  scheme: 'semver',
  extractors: [storeDatabase],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
