import { gapsOf } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'
import { genericComponent } from './component.ts'

const ID = 'binaries/jdk-release'
const LARGEST = 1 << 16

/** An installed Java: the file `release` at its root (JEP 223, JEP 322; every vendor writes it). What lies below belongs to it. */
export const jdkRelease = {
  id: ID,
  version: 1,
  title: 'Installed Java runtimes',
  alone: true,
  names: ['release'],
  wants: ({ path, size }) => (path === 'release' || path.endsWith('/release')) && size > 0 && size <= LARGEST,
  starts: (head) => /^[A-Z_]{4,40}="/.test(Buffer.from(head.subarray(0, 64)).toString('latin1')),
  async read(file) {
    const values = new Map<string, string>()
    for (const line of (await file.text()).split('\n')) {
      const [, key, value] = /^([A-Z_]{1,40})="([^"]{0,200})"\s*$/.exec(line) ?? []
      if (key !== undefined && value !== undefined) values.set(key, value)
    }
    const version = values.get('JAVA_VERSION')
    if (version === undefined) return { occurrences: [], gaps: [] }
    if (!/^\d{1,4}(?:[._]\d{1,5}){0,5}(?:-[\w.+-]{1,40})?$/.test(version))
      return {
        occurrences: [],
        gaps: gapsOf(ID, file.path, [`expected a release of Java in JAVA_VERSION, got ${JSON.stringify(version)}`]),
      }
    return {
      occurrences: [{ component: genericComponent('java', version), at: { path: file.path }, extractor: ID }],
      gaps: [],
      covers: true,
    }
  },
} satisfies Extractor
