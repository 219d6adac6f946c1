export { decide } from './decide.ts'
export { applies, judge, type Candidate, type Evidence, type Judgement } from './judge.ts'
export { byPreference, groupNames, weaknessesOf, type Named, type NameGroups } from './names.ts'
