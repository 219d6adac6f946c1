import type { Ecosystem } from '../../../model/seams.ts'
import { portageFiles, portagePackage } from './installed.ts'

/** Packages of Gentoo and its relatives. Nobody publishes advisories for them in a form that is read here. */
export const portage = {
  id: 'portage',
  version: 1,
  title: 'Portage packages',
  purlTypes: ['ebuild'],
  scheme: 'portage',
  extractors: [portagePackage, portageFiles],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
