import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

const isHere = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Programs of others that these tests need and that are not on this machine: docker-registry (distribution) and skopeo. */
export const lacking = ['docker-registry', 'skopeo'].filter((program) => !isHere(program))

/** A registry of distribution, with a folder of its own for what it holds. */
export type RealRegistry = {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly data: string
  /** Pushes the image of an OCI layout that has this name, all its platforms, with skopeo. */
  push(layout: string, name: string, to: string, ...options: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Starts one with sections of its configuration (`auth`, `http`), on a free port of loopback. */
export async function startRealRegistry({
  http,
  ...sections
}: { readonly http?: object } & Record<string, object> = {}): Promise<RealRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'oi-real-registry-'))
  const data = join(folder, 'data')
  const config = { version: 0.1, storage: { filesystem: { rootdirectory: data } }, http: { addr: '127.0.0.1:0', ...http }, ...sections }
  // JSON is YAML.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config))
  const server = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = async () => {
    if (server.exitCode === null && server.kill('SIGKILL')) await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  const lines = createInterface({ input: server.stderr })
  for await (const line of lines) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1]
    if (host === undefined) continue
    server.stderr.resume()
    return {
      host,
      data,
      async push(layout, name, to, ...options) {
        const command = ['--insecure-policy', 'copy', '-q', '--all', '--dest-tls-verify=false', ...options]
        await run('skopeo', [...command, `oci:${layout}:${name}`, `docker://${host}/${to}`], { env: { ...process.env, HOME: folder } })
      },
      close,
    }
  }
  await close()
  throw new Error('docker-registry ended before it listened')
}
