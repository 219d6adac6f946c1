import type { Ecosystem } from '../../../model/seams.ts'
import { brewfile, brewfileLock } from './brewfile.ts'
import { cask } from './cask.ts'
import { keg } from './keg.ts'

/** Formulae and casks of Homebrew. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const homebrew = {
  id: 'homebrew',
  version: 1,
  title: 'Homebrew formulae and casks',
  purlTypes: ['brew'],
  scheme: 'semver',
  extractors: [keg, cask, brewfile, brewfileLock],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
