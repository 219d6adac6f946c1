import type { Ecosystem } from '../../../model/seams.ts'
import { manifests } from './manifests.ts'

/** Ecosystems that are seen and not read yet. It judges nothing; a kind leaves its table when a unit of its own reads it. */
export const unread = {
  id: 'unread',
  version: 2,
  title: 'Ecosystems not read yet',
  purlTypes: [],
  scheme: 'semver',
  extractors: [manifests],
  families: [],
  advisoryKey: () => undefined,
} satisfies Ecosystem
