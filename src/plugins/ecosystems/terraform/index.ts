import type { Ecosystem } from '../../../model/seams.ts'
import { lockFile } from './lock-file.ts'

/** Providers of Terraform and OpenTofu. Nobody publishes advisories under their addresses: they are listed, and stay unknown. */
export const terraform = {
  id: 'terraform',
  version: 1,
  title: 'Terraform providers',
  purlTypes: ['terraform'],
  scheme: 'semver',
  extractors: [lockFile],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
