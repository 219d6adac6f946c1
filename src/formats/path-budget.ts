import { limits } from '../kit/limits.ts'

/** Characters of all paths that one package database may make; the largest hosts come near a quarter. */
const MOST = limits.namesLength / 2

/**
 * Puts paths together from the folders and names that a package database keeps apart. A folder is written once and may stand
 * before millions of names: what comes out is bounded, not only what goes in.
 */
export type PathBudget = {
  /** Relative to the root; undefined: it is none, is longer than a path can be, or the budget is spent. */
  join(folder: string, name: string): string | undefined
  /** Why some paths are missing, where the budget was spent. */
  spent(): string | undefined
}

export function pathBudget(most: number = MOST): PathBudget {
  let left = most
  return {
    join(folder, name) {
      const length = folder.length + name.length + 1
      if (name === '' || length > limits.pathBytes || left < 0) return undefined
      left -= length
      const path = folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`
      return left < 0 ? undefined : path.replace(/^\/{1,9}/, '')
    },
    spent: () => (left < 0 ? `more than ${most} characters of file names: the owners of further files are unknown` : undefined),
  }
}
