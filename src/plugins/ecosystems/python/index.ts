import type { Ecosystem } from '../../../model/seams.ts'
import { archive } from './archive.ts'
import { normalName } from './component.ts'
import { condaEnvironment } from './conda-environment.ts'
import { condaMeta } from './conda-meta.ts'
import { distInfo, eggInfo } from './installed.ts'
import { pdmLock } from './pdm-lock.ts'
import { pipfileLock } from './pipfile-lock.ts'
import { poetryLock } from './poetry-lock.ts'
import { pylock } from './pylock.ts'
import { pyproject } from './pyproject.ts'
import { requirementsTxt } from './requirements-txt.ts'
import { setupFiles } from './setup-files.ts'
import { uvLock } from './uv-lock.ts'
import { vendored } from './vendored.ts'

/** Python packages, locked, pinned or installed, judged by the advisories of PyPI under their normalised name. */
export const python = {
  id: 'python',
  version: 1,
  title: 'Python packages',
  purlTypes: ['pypi', 'conda'],
  scheme: 'pep440',
  extractors: [
    requirementsTxt,
    pipfileLock,
    poetryLock,
    uvLock,
    pdmLock,
    pylock,
    distInfo,
    eggInfo,
    archive,
    vendored,
    pyproject,
    setupFiles,
    condaEnvironment,
    condaMeta,
  ],
  families: ['PyPI'],
  // nobody publishes advisories for conda's own names; what a package of it holds for Python has its dist-info
  advisoryKey: ({ type, name, version }) => (type === 'pypi' ? { ecosystem: 'PyPI', name: normalName(name), version } : undefined),
} satisfies Ecosystem
