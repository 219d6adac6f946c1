import type { Ecosystem } from '../../../model/seams.ts'
import { conanLock } from './conan-lock.ts'
import { installed } from './installed.ts'

/** C and C++ packages of Conan, judged by the advisories of ConanCenter under their name. */
export const conan = {
  id: 'conan',
  version: 1,
  title: 'Conan packages',
  purlTypes: ['conan'],
  scheme: 'conan',
  extractors: [conanLock, installed],
  families: ['ConanCenter'],
  // those of a user and a channel are other people's builds under the same name
  advisoryKey: ({ name, version }) => (name.includes('/') ? undefined : { ecosystem: 'ConanCenter', name, version }),
} satisfies Ecosystem
