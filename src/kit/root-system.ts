/** Where a system keeps no installed files; in a mounted root they may be live. */
export const liveFolders: ReadonlySet<string> = new Set(['proc', 'sys', 'dev', 'run'])

/** Where the listing of a whole root begins: at its top; and at dpkg's database by its usual name where a link leads to it. */
export const rootStarts: readonly string[] = ['', 'var/lib/dpkg']
