// @ts-check
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Plain JavaScript without further imports: every start of a command waits for it.

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const dist = join(root, 'dist')

/** What is built, from which folder, and the file that must be there afterwards. */
export const products = {
  server: { from: join(root, 'src'), needs: join(root, 'src/cli/main.ts'), makes: join(dist, 'main.js'), mark: join(dist, '.server') },
  console: {
    from: join(root, 'console'),
    needs: join(root, 'console/index.html'),
    makes: join(dist, 'console/index.html'),
    mark: join(dist, '.console'),
  },
}

/** @typedef {keyof typeof products} Product */

/** Inputs of every product beside its folder. */
const common = ['package-lock.json', 'scripts/build.ts', 'scripts/freshness.mjs'].map((path) => join(root, path))

/**
 * Products of the list whose inputs look changed, by size and time of change alone, or that are missing.
 * @param {readonly Product[]} names
 */
export function stale(names) {
  return names.filter(
    (name) => existsSync(products[name].needs) && !(existsSync(products[name].makes) && read(name)?.signature === signature(name)),
  )
}

/**
 * The mark left by the last build: hash of the inputs' content, and their signature then.
 * @param {Product} name
 */
export function read(name) {
  try {
    const text = readFileSync(products[name].mark, 'utf8')
    const end = text.indexOf('\n')
    return { hash: text.slice(0, end), signature: text.slice(end + 1) }
  } catch {
    return undefined
  }
}

/**
 * One line an input: path, size, time of change.
 * @param {Product} name
 */
export function signature(name) {
  return inputs(name)
    .map((path) => {
      const { size, ctimeMs } = statSync(path)
      return `${path.slice(root.length + 1)} ${size} ${ctimeMs}`
    })
    .join('\n')
}

/**
 * Files whose content decides what is built, sorted. Tests and their fixtures are none.
 * @param {Product} name
 */
export function inputs(name) {
  return [...common, ...walk(products[name].from)].sort()
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'fixtures' || entry.name === 'node_modules' ? [] : walk(path)
    return /\.test\.tsx?$|\.md$/.test(entry.name) ? [] : [path]
  })
}
