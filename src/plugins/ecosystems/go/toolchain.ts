import type { Extractor } from '../../../model/seams.ts'
import { releaseOf, standardLibrary, toolchainOf } from './component.ts'

const LARGEST = 4_096

const ID = 'go/toolchain'

/** An installed Go: the file VERSION at its root names the release in the first line. */
export const toolchain = {
  id: ID,
  version: 1,
  title: 'Installed toolchains of Go',
  alone: true,
  names: ['VERSION'],
  wants: ({ path, size }) => path.endsWith('/VERSION') && size > 0 && size <= LARGEST,
  starts: (head) => /^go1[.\d]/.test(Buffer.from(head.subarray(0, 8)).toString('latin1')),
  async read(file) {
    const [line = ''] = (await file.text()).split('\n', 1)
    const release = releaseOf(line.trim())
    if (release === undefined)
      return {
        occurrences: [],
        gaps: [{ path: file.path, extractor: ID, reason: `expected a release of Go, got ${JSON.stringify(line.slice(0, 80))}` }],
      }
    const found = [toolchainOf(release), standardLibrary(release)]
    return { occurrences: found.map((component) => ({ component, at: { path: file.path }, extractor: ID })), gaps: [] }
  },
} satisfies Extractor
