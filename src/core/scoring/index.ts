export { scoreVector, type CvssScore } from './cvss.ts'
export { chooseBase, severityOf, type BaseScore, type SeverityVerdict } from './severity.ts'
