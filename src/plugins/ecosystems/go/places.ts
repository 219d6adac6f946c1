/** Inside these a file belongs to the development of somebody else's package: what is built of it, the project says. */
const inside = /(?:^|\/)(?:vendor|testdata|node_modules|site-packages|dist-packages|pkg\/mod)\//
/** Go's own source has modules for its tools and its library. */
const ofGo = /(?:^|\/)(?:go|go-[\d.]+|golang)\/(?:src|misc|test|pkg)\//

/** A file of that name that belongs to a project of its own. */
export function besideProject(path: string, name: string): boolean {
  return (path === name || path.endsWith(`/${name}`)) && !inside.test(path) && !ofGo.test(path)
}
