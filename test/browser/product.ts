import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Product = {
  readonly base: string
  readonly link: string
  /** The API token it leaves for its own user. */
  readonly token: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts the product as a user does, and waits for the one-time link it prints. */
export async function startProduct(options: {
  readonly data: string
  readonly feeds: string
  readonly watch?: readonly string[]
}): Promise<Product> {
  const { data, feeds, watch = [] } = options
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OI_') && name !== 'DATABASE_URL'))
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../../bin/openinspector.mjs'),
      ...['serve', '--data', data, '--port', '0', '--feeds', feeds],
      ...(watch.length > 0 ? ['--watch', ...watch] : []),
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const link = await printedLink(child)
  return {
    base: new URL(link).origin,
    link,
    token: async () => JSON.parse(await readFile(join(data, 'credentials.json'), 'utf8')).token,
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

function printedLink(child: ChildProcess): Promise<string> {
  let told = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        told += text
        const link = /https?:\/\/\S+[#?&]token=[\w.~-]+(?=\s)/.exec(told)?.[0]
        if (link !== undefined) resolve(link)
      })
    }
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it printed a sign-in link:\n${told}`)))
  })
}
