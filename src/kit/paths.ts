/**
 * A path of an archive as a path from its root: no leading slash, no `.`, no empty step; '' is the root itself. undefined for what
 * leads out (`..`) or can be no path.
 */
export function cleanPath(raw: string): string | undefined {
  const start = raw.startsWith('./') ? 2 : 0
  const path = raw.slice(start, raw.endsWith('/') ? Math.max(start, raw.length - 1) : raw.length)
  if (!/(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(path)) return path
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  return steps.includes('..') || path.includes('\0') ? undefined : steps.join('/')
}

/** The folder above; '' for what lies at the root, and for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** Its last step: the name of a file in its folder. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Steps of a path. */
export const depthOf = (path: string): number => path.split('/').length

/** The folders above `path`, nearest first, without the root. */
export function* ancestorsOf(path: string): Generator<string, void> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end)
}

/** Between an archive and a path inside it: `srv/app.war!/WEB-INF/lib/x.jar`. */
export const INSIDE = '!/'

/** The file of a tree that a place lies in: the outermost archive, or the path itself. */
export function fileOf(path: string): string {
  const at = path.indexOf(INSIDE)
  return at < 0 ? path : path.slice(0, at)
}
