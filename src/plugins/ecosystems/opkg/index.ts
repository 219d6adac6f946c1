import type { Ecosystem } from '../../../model/seams.ts'
import { opkgFiles, opkgPackages } from './status.ts'

/** Packages of OpenWrt (before 25.12) and of systems built with Yocto. Nobody publishes advisories for them in a form that is read here. */
export const opkg = {
  id: 'opkg',
  version: 1,
  title: 'opkg packages',
  purlTypes: ['opkg'],
  // opkg compares versions as dpkg does.
  scheme: 'deb',
  extractors: [opkgPackages, opkgFiles],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
