import type { Extractor } from '../../../model/seams.ts'

const LISTS = 'var/lib/dpkg/info/'
const SUMS = 'var/lib/dpkg/status.d/'

/**
 * Which package owns which file: dpkg's `NAME.list` or `NAME:ARCH.list` (one absolute path a line), and the
 * `NAME.md5sums` beside `status.d` (`<sum>  <path>`), which stands for it where there is no dpkg.
 */
export const dpkgFiles = {
  id: 'debian/dpkg-files',
  version: 1,
  title: 'Files owned by dpkg packages',
  names: ['*.list', '*.md5sums'],
  wants: ({ path }) => (path.startsWith(LISTS) && path.endsWith('.list')) || (path.startsWith(SUMS) && path.endsWith('.md5sums')),
  async read(file) {
    const base = file.path.slice(file.path.lastIndexOf('/') + 1)
    const owner = base.slice(0, base.lastIndexOf('.')).split(':')[0] ?? ''
    const text = await file.text()
    const paths = file.path.endsWith('.list') ? listedPaths(text) : summedPaths(text)
    return { occurrences: [], gaps: [], owned: owner === '' || paths.length === 0 ? [] : [{ owner, paths }] }
  },
} satisfies Extractor

/** Files of a list. A folder stands right before its content and is left out: only files are ever asked for. */
function listedPaths(text: string): string[] {
  const paths: string[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.length < 2 || line.charCodeAt(0) !== 47 || line.charCodeAt(1) === 47 || line === '/.') continue
    const next = lines[at + 1] ?? ''
    if (next.charCodeAt(line.length) === 47 && next.startsWith(line)) continue
    paths.push(line.slice(1))
  }
  return paths
}

function summedPaths(text: string): string[] {
  const paths: string[] = []
  for (const line of text.split('\n')) {
    const sum = /^[0-9a-f]{32} [ *](?:\.?\/)?([^/].*)$/.exec(line)
    if (sum?.[1] !== undefined) paths.push(sum[1])
  }
  return paths
}
