import type { Command } from 'commander'
import { dataFolder, readCredentials } from '../app/data-folder.ts'
import { jsonClient, type JsonClient } from '../kit/json-client.ts'

export type ServerOptions = { readonly server?: string; readonly data?: string }

/** Adds the options of a command that talks to a server. */
export function withServer(command: Command): Command {
  return command
    .option('--server <url>', 'the server to ask; $OI_SERVER, else the one that runs on the data folder')
    .option('--data <dir>', 'data folder with the credentials of the server; $OI_DATA, else the default one')
}

/** A client of the server that runs on the data folder, or of another one with a token in `$OI_TOKEN`. */
export async function connect(options: ServerOptions): Promise<JsonClient> {
  const asked = options.server ?? process.env['OI_SERVER']
  const token = process.env['OI_TOKEN']
  if (asked !== undefined && token !== undefined) return jsonClient(`${asked.replace(/\/+$/, '')}/api/v1`, token)
  const credentials = await readCredentials(dataFolder(options.data))
  return jsonClient(`${(asked ?? credentials.url).replace(/\/+$/, '')}/api/v1`, token ?? credentials.token)
}

/** Every item of a list, page after page. */
export async function* pages<T, P extends { readonly items: readonly T[]; readonly after?: string | undefined }>(
  read: (after: string | undefined) => Promise<P>,
  onFirst: (page: P) => void = () => {},
): AsyncGenerator<T> {
  let after: string | undefined
  let first = true
  do {
    const page = await read(after)
    if (first) onFirst(page)
    first = false
    yield* page.items
    after = page.after
  } while (after !== undefined)
}
