import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dist, inputs, products, read, root, signature, stale, type Product } from './freshness.mjs'

/** Programs with a fixed name in dist/. What they import dynamically becomes a chunk of its own. */
export const entries: Readonly<Record<string, string>> = {
  main: 'src/cli/main.ts',
  'embedded-worker': 'src/store/embedded-worker.ts',
  'look-process': 'src/app/look-process.ts',
  'feed-process': 'src/app/feed-process.ts',
}

/** Not bundled: they load files beside themselves, or are optional parts of others that we never install. */
const external = ['@electric-sql/pglite', 'pg-native', 'xmlbuilder2', 'libxmljs2']

/** CommonJS packages inside an ES module still ask for these. */
const banner = `import { createRequire as createRequire$ } from 'node:module'
const require = createRequire$(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname`

/** Builds what is stale by the content of its inputs. Processes that build at once wait for each other. */
export async function build(names: readonly Product[], say: (line: string) => void): Promise<void> {
  if (stale(names).length === 0) return
  mkdirSync(dist, { recursive: true })
  await withLock(join(dist, '.lock'), async () => {
    for (const name of stale(names)) await renew(name, say)
  })
}

async function renew(name: Product, say: (line: string) => void): Promise<void> {
  const { makes, mark } = products[name]
  // Taken before anything is built: an input changed meanwhile makes the next start look again.
  const seen = signature(name)
  const hash = contentHash(name)
  if (read(name)?.hash !== hash || !existsSync(makes)) {
    say(`openinspector: building the ${name} (its sources changed) ...`)
    const made = mkdtempSync(join(dist, '.making-'))
    try {
      await (name === 'server' ? bundleServer(made) : bundleConsole(made))
      publish(made, dirname(makes))
    } finally {
      rmSync(made, { recursive: true, force: true })
    }
  }
  writeFileSync(`${mark}.new`, `${hash}\n${seen}`)
  renameSync(`${mark}.new`, mark)
}

function contentHash(name: Product): string {
  const hash = createHash('sha256')
  for (const path of inputs(name)) {
    const content = readFileSync(path)
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

async function bundleServer(outdir: string): Promise<void> {
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    external,
    banner: { js: banner },
    legalComments: 'none',
    logLevel: 'silent', // its errors are in what it throws,
  })
  await esbuild.stop() // else its process stays beside the server that is built at its start
  rmSync(join(dist, '.cache'), { recursive: true, force: true }) // compiled code of what is replaced now
}

async function bundleConsole(outDir: string): Promise<void> {
  const vite = await import('vite')
  await vite.build({ root: join(root, 'console'), logLevel: 'warn', build: { outDir, emptyOutDir: true } })
}

/**
 * Moves new files over the old ones. Names of chunks carry a hash of their content, so files with fixed names go last and
 * always find theirs. Chunks of earlier builds stay a day, for the processes that still run them.
 */
function publish(from: string, to: string): void {
  const made = filesOf(from)
  const fixed = (path: string) => entries[path.slice(0, -'.js'.length)] !== undefined || path.endsWith('.html')
  for (const path of made.toSorted((a, b) => Number(fixed(a)) - Number(fixed(b)))) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    renameSync(join(from, path), join(to, path))
  }
  const kept = new Set(made)
  const aDayAgo = Date.now() - 86_400_000
  for (const path of filesOf(to)) {
    if (!kept.has(path) && statSync(join(to, path)).mtimeMs < aDayAgo) rmSync(join(to, path))
  }
}

/** Files below a folder, relative to it; neither hidden ones nor another product's. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || (folder === dist && entry.name === 'console')) return []
    return entry.isDirectory() ? filesOf(join(folder, entry.name)).map((path) => join(entry.name, path)) : [entry.name]
  })
}

/** Runs while no other process holds the file. A lock whose process is gone counts for nothing. */
async function withLock(path: string, run: () => Promise<void>): Promise<void> {
  while (!take(path)) {
    if (!alive(Number(readLock(path)))) rmSync(path, { force: true })
    else await delay(50)
  }
  try {
    await run()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  const mine = `${path}-${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    linkSync(mine, path) // unlike a write, it is there with its content or not at all
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine)
  }
}

function readLock(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function alive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

if (import.meta.main) {
  await build(['server', 'console'], (line) => console.error(line)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
