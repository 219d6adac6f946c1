import type { VersionScheme } from '../../model/seams.ts'
import { deb } from './deb/index.ts'
import { semver } from './semver/index.ts'
import { maven } from './maven/index.ts'

/** Every version scheme, one line each. */
export const schemes: readonly VersionScheme[] = [deb, semver, maven]
