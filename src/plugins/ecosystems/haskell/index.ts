import type { Ecosystem } from '../../../model/seams.ts'
import { cabalFreeze } from './cabal-freeze.ts'
import { packageConf } from './package-conf.ts'
import { planJson } from './plan-json.ts'
import { stackLock } from './stack-lock.ts'

/** Haskell packages, locked, built or installed, judged by the advisories of Hackage under their name. */
export const haskell = {
  id: 'haskell',
  version: 1,
  title: 'Haskell packages',
  purlTypes: ['hackage'],
  scheme: 'hackage',
  extractors: [stackLock, cabalFreeze, planJson, packageConf],
  families: ['Hackage'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'Hackage', name, version }),
} satisfies Ecosystem
