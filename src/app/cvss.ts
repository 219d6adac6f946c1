/** For the CLI, which knows no capability of core. */
export { type CvssScore, scoreVector } from '../core/scoring/index.ts'
