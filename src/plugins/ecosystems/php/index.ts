import { lookupName } from '../../../formats/osv-names.ts'
import type { Ecosystem } from '../../../model/seams.ts'
import { composerJson } from './composer-json.ts'
import { composerLock } from './composer-lock.ts'
import { installed } from './installed.ts'

/** Composer packages, judged by the advisories of Packagist. What a branch (`dev-main`) holds nobody can tell: it is not judged. */
export const php = {
  id: 'php',
  version: 1,
  title: 'Composer packages',
  purlTypes: ['composer'],
  scheme: 'composer',
  extractors: [composerLock, installed, composerJson],
  families: ['Packagist'],
  advisoryKey: ({ name, version }) =>
    /^dev-|-dev$/.test(version) ? undefined : { ecosystem: 'Packagist', name: lookupName('Packagist', name), version },
} satisfies Ecosystem
