import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { genericComponent } from './component.ts'

const ID = 'binaries/python-headers'
const LARGEST = 1 << 16

/** An installed Python by its header `patchlevel.h`: many builds do not have their version as a text in the program. */
export const pythonHeaders = {
  id: ID,
  version: 1,
  title: 'Installed Python, by its headers',
  alone: true,
  names: ['patchlevel.h'],
  wants: ({ path, size }) => /(?:^|\/)include\/python[23]\.\d{1,2}[a-z]{0,2}\/patchlevel\.h$/.test(path) && size <= LARGEST,
  async read(file) {
    const version = /^#define[ \t]{1,20}PY_VERSION[ \t]{1,80}"(\d{1,2}\.\d{1,2}\.\d{1,3}(?:(?:a|b|rc)\d{1,2})?)\+?"/m.exec(
      await file.text(),
    )?.[1]
    if (version === undefined)
      return { occurrences: [], gaps: gapsOf(ID, file.path, ['expected PY_VERSION "number" among the definitions']) }
    return { occurrences: [{ component: genericComponent('python', version), at: { path: file.path }, extractor: ID }], gaps: [] }
  },
} satisfies Extractor
