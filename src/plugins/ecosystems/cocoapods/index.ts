import type { Ecosystem } from '../../../model/seams.ts'
import { podfileLock } from './podfile-lock.ts'

/** Pods of CocoaPods. Nobody publishes advisories under their names: they are listed, and stay unknown. */
export const cocoapods = {
  id: 'cocoapods',
  version: 1,
  title: 'CocoaPods',
  purlTypes: ['cocoapods'],
  scheme: 'semver',
  extractors: [podfileLock],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
