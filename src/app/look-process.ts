import { extractors } from './units.ts'
import { answerLook } from './answer-look.ts'

/** The program of a process that looks at one target: see `looking.ts`. */
await answerLook(extractors)
