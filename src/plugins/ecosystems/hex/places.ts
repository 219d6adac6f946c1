/** Inside `deps` and `_build` lie packages of others: locks there are of their own development. */
export const inDeps = (path: string): boolean => /(?:^|\/)(?:deps|_build)\//.test(path)
