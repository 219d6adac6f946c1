export { contains } from './contains.ts'
export { decide } from './decide.ts'
export { applies, judge, type Candidate, type Evidence, type Judgement } from './judge.ts'
export { byPreference, groupNames, isCve, weaknessesOf, type Named, type NameGroups } from './names.ts'
