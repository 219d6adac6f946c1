/** A manifest or lock inside `vendor/VENDOR/PROJECT/` is of that package's own development. */
export const inVendor = (path: string): boolean => /(?:^|\/)vendor\/[^/]+\/[^/]+\//.test(path)
