export { scoreVector, type CvssScore } from './cvss.ts'
export { bandOfWord, chooseBase, severityOf, sourcePreference, type BaseScore, type SeverityVerdict } from './severity.ts'
