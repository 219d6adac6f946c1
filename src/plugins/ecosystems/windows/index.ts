import type { Ecosystem } from '../../../model/seams.ts'
import { registryExport } from './registry-export.ts'
import { ssmInventory } from './ssm-inventory.ts'

/** Programs and updates of Windows, as an export or Systems Manager lists them. Nobody's advisories here describe them: they stay unknown. */
export const windows = {
  id: 'windows',
  version: 1,
  title: 'Programs and updates of Windows',
  purlTypes: ['windows'],
  scheme: 'semver',
  extractors: [registryExport, ssmInventory],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
