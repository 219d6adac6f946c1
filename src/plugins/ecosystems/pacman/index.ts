import type { Ecosystem } from '../../../model/seams.ts'
import { pacmanFiles, pacmanPackage } from './local-database.ts'

/** Packages of Arch Linux and its relatives. Nobody publishes advisories for them in a form that is read here. */
export const pacman = {
  id: 'pacman',
  version: 1,
  title: 'pacman packages',
  purlTypes: ['alpm'],
  scheme: 'pacman',
  extractors: [pacmanPackage, pacmanFiles],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
