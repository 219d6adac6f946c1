/**
 * The path without links that `path` stands for, below a root; undefined when a link leads out, round in circles or nowhere.
 * `linkAt` reads the link at a path without links, undefined: it is none; `fromTop` makes an absolute link a path from the root,
 * undefined: it leads out. With `stops`, `..` stops at the root as for a process that has it as its own; without, it leads out.
 */
export async function resolveInside(
  path: string,
  {
    linkAt,
    fromTop,
    stops,
    most,
  }: {
    readonly linkAt: (path: string) => Promise<string | undefined>
    readonly fromTop: (target: string) => string | undefined
    readonly stops: boolean
    readonly most: number
  },
): Promise<string | undefined> {
  const todo = path.split('/').reverse()
  const done: string[] = []
  let followed = 0
  while (todo.length > 0) {
    const step = todo.pop()!
    if (step === '' || step === '.') continue
    if (step === '..') {
      if (done.pop() === undefined && !stops) return undefined
      continue
    }
    done.push(step)
    const target = await linkAt(done.join('/'))
    if (target === undefined) continue
    done.pop()
    if (++followed > most) return undefined
    // An absolute link: the way begins anew.
    if (target.startsWith('/')) done.length = 0
    const next = target.startsWith('/') ? fromTop(target) : target
    if (next === undefined) return undefined
    todo.push(...next.split('/').reverse())
  }
  return done.join('/')
}
