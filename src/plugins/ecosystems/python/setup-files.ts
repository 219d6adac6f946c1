import { gapsOf, quoted } from '../../../formats/problems.ts'
import { baseName } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'
import { insidePackages } from './component.ts'
import { declaredOccurrences, isLocked, type Asking } from './declared.ts'
import { parseRequirement } from './requirement.ts'
import { literalsAfter } from './setup-py.ts'

/** A program that installs a package is a page or two. */
const LONGEST = 2 ** 20

/** What a project of setuptools asks for that nothing locks: `setup.cfg`, and the texts that stand in `setup.py` as they are. */
export const setupFiles = {
  id: 'python/setup',
  version: 1,
  title: 'setup.cfg and setup.py',
  names: ['setup.cfg', 'setup.py'],
  wants: ({ path }) => ['setup.cfg', 'setup.py'].includes(baseName(path)) && !insidePackages.test(path),
  async read(file, near) {
    if (await isLocked(file.path, near)) return { occurrences: [], gaps: [] }
    if (file.size > LONGEST)
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [`${file.size} bytes, at most ${LONGEST} are read`]) }
    const text = await file.text()
    const problems: string[] = []
    const requirements = baseName(file.path) === 'setup.cfg' ? cfgRequirements(text) : pyRequirements(text, problems)
    const wishes = requirements.flatMap((line): Asking[] => {
      const asked = parseRequirement(line)
      if (asked !== undefined) return [asked]
      problems.push(`expected a requirement, got ${quoted(line)}`)
      return []
    })
    return {
      occurrences: declaredOccurrences({ path: file.path, extractor: this.id }, wishes, problems),
      gaps: gapsOf(this.id, file.path, problems),
    }
  },
} satisfies Extractor

/** setuptools, "Configuring setuptools using setup.cfg files": one a line, or parted by semicolons on one line. */
function cfgRequirements(text: string): readonly string[] {
  const found: string[] = []
  let section = ''
  let wanted = false
  for (const line of text.split(/\r?\n/)) {
    const content = line.trim()
    // a value goes on behind comments and empty lines
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue
    const indented = /^\s/.test(line)
    if (!indented && content.startsWith('[')) section = content.slice(1, -1).trim()
    else if (!indented) {
      const [key = ''] = content.split(/[=:]/, 1)
      wanted = (section === 'options' && key.trim() === 'install_requires') || section === 'options.extras_require'
      const value = content.slice(key.length + 1).trim()
      if (wanted && value !== '') found.push(...value.split(';').filter((part) => part.trim() !== ''))
    } else if (wanted) found.push(content)
  }
  return found.filter((line) => !line.startsWith('file:'))
}

function pyRequirements(text: string, problems: string[]): readonly string[] {
  const { texts, whole } = literalsAfter(text, 'install_requires')
  if (!whole) problems.push('install_requires is computed by a program, which is not run: not all it asks for is known')
  return texts
}
