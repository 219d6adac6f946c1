import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { condaComponent } from './conda.ts'
import { isHash } from './lock-values.ts'

/** What conda installed: the record of each package in `conda-meta` of an environment. */
export const condaMeta = {
  id: 'python/conda-meta',
  version: 1,
  title: 'Installed conda packages',
  names: ['*.json'],
  wants: ({ path }) => /(?:^|\/)conda-meta\/[^/]+\.json$/.test(path),
  async read(file) {
    const record = parseJson(await file.text())
    const fields = isRecord(record) ? record : {}
    const component = condaComponent(textOf(fields, 'name') ?? '', textOf(fields, 'version') ?? '')
    if (component === undefined || component.version === '')
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the name and the version of a conda package']) }
    const licence = textOf(fields, 'license')
    const hashes = [`sha256:${textOf(fields, 'sha256') ?? ''}`, `md5:${textOf(fields, 'md5') ?? ''}`].filter(isHash).slice(0, 1)
    const asked = textOf(fields, 'requested_spec')
    return {
      occurrences: [
        {
          component,
          at: { path: file.path },
          extractor: this.id,
          // conda writes the text None where nobody asked
          ...(asked !== undefined && asked !== 'None' && { direct: true }),
          ...(licence !== undefined && licence.length <= 512 && { licences: [licence] }),
          ...(hashes.length > 0 && { hashes }),
        },
      ],
      gaps: [],
    }
  },
} satisfies Extractor
