import { lookupName } from '../../../formats/osv-names.ts'
import type { Ecosystem } from '../../../model/seams.ts'
import { workflow } from './workflow.ts'

/** GitHub Actions, judged by their advisories under `owner/repository`. */
export const actions = {
  id: 'actions',
  version: 1,
  title: 'GitHub Actions',
  purlTypes: ['github', 'githubactions'],
  scheme: 'semver',
  extractors: [workflow],
  families: ['GitHub Actions'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'GitHub Actions', name: lookupName('GitHub Actions', name), version: whole(version) }),
} satisfies Ecosystem

/** `v4` is a tag that its author moves: it is some 4.x, and no order of versions has a place for that. */
const whole = (version: string): string => (/^v?\d+(?:\.\d+)?$/.test(version) ? `${version}.x` : version)
