import { answerLook } from '../src/app/answer-look.ts'
import type { Extractor } from '../src/model/seams.ts'

/** A program for looks whose only extractor does what the first word of a file `bad.txt` or `lib.txt` says: what a broken parser might. */
const obedient: Extractor = {
  id: 'test/obedient',
  version: 1,
  title: 'does as it is told',
  wants: ({ path }) => /(?:^|\/)(?:bad|lib)\.txt$/.test(path),
  async read(file) {
    const [verb = '', name = ''] = (await file.text()).split(' ')
    if (verb === 'loop') for (;;);
    // Ends the whole process, past everything that JavaScript could catch.
    if (verb === 'eat') JSON.parse(`[${'{},'.repeat(20_000_000)}{}]`)
    if (verb.startsWith('SIG')) process.kill(process.pid, verb)
    if (verb.startsWith('SIG')) await new Promise(() => {})
    const component = { purl: `pkg:npm/${name}@1`, type: 'npm', name, version: '1' }
    return { occurrences: [{ component, at: { path: file.path }, extractor: 'test/obedient' }], gaps: [] }
  },
}

await answerLook([obedient])
