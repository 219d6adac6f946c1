import type { Limits } from './limits.ts'
import { depthOf, parentOf } from './paths.ts'

/** A link at a path; `fromRoot`: its target is a path from the root even without a slash in front, as a tar archive's hard links have it. */
export type LinkAt = (path: string) => { readonly target: string; readonly fromRoot?: boolean } | undefined

/**
 * The path that `path` stands for when every link on the way is followed; undefined for what goes round in circles or passes the
 * limits: a stranger made the links, and each entry of an archive may ask for a way through all of them.
 */
export function followLinks(
  path: string,
  linkAt: LinkAt,
  limits: Pick<Limits, 'links' | 'linkSteps' | 'depth' | 'pathBytes'>,
): string | undefined {
  const todo = path.split('/').reverse()
  let at = ''
  let followed = 0
  let steps = 0
  while (todo.length > 0) {
    if (++steps > limits.linkSteps) return undefined
    const step = todo.pop()!
    if (step === '' || step === '.') continue
    if (step === '..') {
      at = parentOf(at)
      continue
    }
    const next = at === '' ? step : `${at}/${step}`
    if (next.length > limits.pathBytes) return undefined
    const link = linkAt(next)
    if (link === undefined) {
      at = next
      continue
    }
    if (++followed > limits.links || depthOf(link.target) > limits.depth) return undefined
    if (link.fromRoot || link.target.startsWith('/')) at = ''
    todo.push(...link.target.split('/').reverse())
  }
  return at
}
