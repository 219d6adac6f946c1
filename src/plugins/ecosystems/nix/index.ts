import type { Ecosystem } from '../../../model/seams.ts'
import { flakeLock } from './flake-lock.ts'
import { storeDatabase } from './store-database.ts'
import { storeFile } from './store-file.ts'

/** Packages in a Nix store, and what flakes are locked to. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const nix = {
  id: 'nix',
  version: 1,
  title: 'Nix packages',
  purlTypes: ['nix'],
  scheme: 'semver',
  extractors: [storeDatabase, storeFile, flakeLock],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
