import type { VersionScheme } from '../../model/seams.ts'
import { apk } from './apk/index.ts'
import { composer } from './composer/index.ts'
import { conan } from './conan/index.ts'
import { cran } from './cran/index.ts'
import { deb } from './deb/index.ts'
import { hackage } from './hackage/index.ts'
import { maven } from './maven/index.ts'
import { nuget } from './nuget/index.ts'
import { pacman } from './pacman/index.ts'
import { pep440 } from './pep440/index.ts'
import { portage } from './portage/index.ts'
import { pub } from './pub/index.ts'
import { rpm } from './rpm/index.ts'
import { rubygems } from './rubygems/index.ts'
import { semver } from './semver/index.ts'

/** Every version scheme, one line each. */
export const schemes: readonly VersionScheme[] = [
  apk,
  composer,
  conan,
  cran,
  deb,
  hackage,
  maven,
  nuget,
  pacman,
  pep440,
  portage,
  pub,
  rpm,
  rubygems,
  semver,
]
