/** Inside these a file belongs to the development of somebody else's crate, or was made by building. */
const inside =
  /(?:^|\/)(?:vendor|node_modules|site-packages|dist-packages|testdata|\.cargo|cargo\/registry|rustlib|target\/(?:debug|release|package))\//

/** A file of that name that belongs to a project of its own. */
export function ofProject(path: string, name: string): boolean {
  return (path === name || path.endsWith(`/${name}`)) && !inside.test(path)
}
