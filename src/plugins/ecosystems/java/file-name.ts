import { isPlaceholder } from './repository-path.ts'

/** What an archive is called. */
export type FileName = { readonly artifact: string; readonly version?: string; readonly classifier?: string }

/** Words that stand in versions behind a hyphen; others are a classifier, or part of the name. */
const QUALIFIER =
  /^(?:alpha|beta|a|b|rc|cr|m|milestone|pre|preview|ea|snapshot|final|ga|release|sp|sec|jre|jdk|android|incubating|incubator|build|rev|r|v|p|patch|redhat|fuse|cdh|hdp|jbossorg|wso2v|atlassian|native|noaop|hotfix)(?:[\d._][\w.+]*)?$/i
const NUMBER = /^v?\d[\w.+~]*$/
const LONGEST = 256

/**
 * Name and version in the name of a file, as Maven writes it: `artifact-version[-classifier].jar`; Eclipse's `bundle_version.jar` too.
 * The version begins at the first hyphen from which only numbers and words of versions follow, so that `log4j-1.2-api-2.17.1`
 * is version 2.17.1 of `log4j-1.2-api`.
 */
export function readFileName(path: string): FileName | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z]{3,4}$/, '')
  if (name === '' || name.length > LONGEST) return undefined
  const steps = name.split('-')
  for (let from = 1; from < steps.length; from++) {
    if (!/^v?\d/.test(steps[from] ?? '')) continue
    const end = versionEnd(steps, from)
    if (steps.slice(end).some((step) => NUMBER.test(step))) continue
    const classifier = steps.slice(end).join('-')
    const version = steps
      .slice(from, end)
      .join('-')
      .replace(/^v(?=\d)/, '')
    return {
      artifact: steps.slice(0, from).join('-'),
      ...(!isPlaceholder(version) && { version }),
      ...(classifier !== '' && { classifier }),
    }
  }
  const [, bundle, version] = /^([\w.-]+?)_(\d+\.\d+\.\d[\w.-]*)$/.exec(name) ?? []
  return bundle !== undefined && version !== undefined ? { artifact: bundle, version } : { artifact: name.replace(/-debian$/, '') }
}

function versionEnd(steps: readonly string[], from: number): number {
  let end = from + 1
  while (end < steps.length && (NUMBER.test(steps[end] ?? '') || QUALIFIER.test(steps[end] ?? ''))) end++
  return end
}
