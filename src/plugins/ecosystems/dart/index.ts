import type { Ecosystem } from '../../../model/seams.ts'
import { pubspec } from './pubspec.ts'
import { pubspecLock } from './pubspec-lock.ts'

/** Dart and Flutter packages, locked or in the cache, judged by the advisories of pub under their name. */
export const dart = {
  id: 'dart',
  version: 1,
  title: 'Dart and Flutter packages',
  purlTypes: ['pub'],
  scheme: 'pub',
  extractors: [pubspecLock, pubspec],
  families: ['Pub'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'Pub', name, version }),
} satisfies Ecosystem
