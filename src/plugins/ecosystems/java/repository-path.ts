/** Folders at which a Maven repository begins: a local one, a mirror's cache, Debian's, one inside an application. */
const ROOTS = new Set(['repository', 'maven2', 'maven-repo', 'm2repo', 'repo'])
/** A group is a few names deep. */
const DEEPEST = 12

/** What a place tells: in Debian's repository a version may be a word for whatever is there (`debian`, `4.x`). */
export type Place = { readonly group: string; readonly artifact: string; readonly version: string | undefined }

/** `10.x` and `debian` name no version, but the newest of some. */
export const isPlaceholder = (version: string) => !/\d/.test(version) || /(?:^|\.)x$/.test(version)

/**
 * Coordinates of an archive that lies where a repository keeps it: `group/as/folders/artifact/version/artifact-version.jar` below a
 * folder that is known to be a repository's root, or Gradle's `files-2.1/group/artifact/version/hash/artifact-version.jar`.
 */
export function placeOf(path: string): Place | undefined {
  const steps = path.split('/')
  const file = steps.pop() ?? ''
  const gradle = steps.at(-5) === 'files-2.1'
  if (gradle) steps.pop()
  const version = steps.at(-1)
  const artifact = steps.at(-2)
  if (version === undefined || artifact === undefined) return undefined
  // a snapshot's file may carry its time stamp instead
  if (!file.startsWith(`${artifact}-${version.replace(/-SNAPSHOT$/, '')}`)) return undefined
  const above = steps.slice(0, -2)
  const root = above.findLastIndex((step) => ROOTS.has(step))
  const group = gradle ? above.slice(-1) : root < 0 ? [] : above.slice(root + 1)
  if (group.length === 0 || group.length > DEEPEST) return undefined
  return { group: group.join('.'), artifact, version: isPlaceholder(version) ? undefined : version }
}
