import { gapsOf } from '../../../formats/problems.ts'
import { parseToml } from '../../../formats/toml.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'
import { insidePackages } from './component.ts'
import { declaredOccurrences, isLocked } from './declared.ts'
import { pipfileWishes, wishesOf } from './project.ts'

/** What a project asks for that nothing locks: `pyproject.toml` (PEP 621 and 735, Poetry, PDM, uv) and `Pipfile`. */
export const pyproject = {
  id: 'python/pyproject',
  version: 1,
  title: 'pyproject.toml and Pipfile',
  names: ['pyproject.toml', 'Pipfile'],
  wants: ({ path }) => ['pyproject.toml', 'Pipfile'].includes(baseName(path)) && !insidePackages.test(path),
  async read(file, near) {
    if (await isLocked(file.path, near)) return { occurrences: [], gaps: [] }
    const manifest = parseToml(await file.text())
    const problems: string[] = []
    const wishes = baseName(file.path) === 'Pipfile' ? pipfileWishes(manifest, problems) : wishesOf(manifest, problems)
    const occurrences = declaredOccurrences({ path: file.path, extractor: this.id }, wishes, problems)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
