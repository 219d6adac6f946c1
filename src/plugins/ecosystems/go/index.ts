import type { Ecosystem } from '../../../model/seams.ts'
import { asSemver } from './component.ts'
import { goMod } from './go-mod.ts'
import { goSum } from './go-sum.ts'
import { goWork } from './go-work.ts'
import { modulesTxt } from './modules-txt.ts'
import { program } from './program.ts'
import { toolchain } from './toolchain.ts'

/** Go modules and Go's own library, judged by the advisories of Go's vulnerability database and GitHub's under the module's path. */
export const go = {
  id: 'go',
  version: 1,
  title: 'Go modules',
  purlTypes: ['golang'],
  scheme: 'semver',
  extractors: [program, goMod, goSum, goWork, modulesTxt, toolchain],
  families: ['Go'],
  advisoryKey: ({ name, version }) => ({
    ecosystem: 'Go',
    name,
    version: name === 'stdlib' || name === 'toolchain' ? asSemver(version) : version,
  }),
} satisfies Ecosystem
