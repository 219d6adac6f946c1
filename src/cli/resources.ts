import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { Watched, WatchedSeveral } from '../app/contract.ts'
import { connect, withServer, type ServerOptions } from './client.ts'
import { type SbomFormat, sbomFormats, usualSbomFormat } from '../model/sbom.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { type Format, withFormat, write } from './output.ts'
import { say } from './words.ts'

export const define: Define = (command) => {
  command.addHelpText(
    'after',
    examples(['openinspector resources add dir:/srv/shop', 'openinspector resources collect urn:openinspector:host:...']),
  )

  withFormat(withServer(command.command('add <target>')), ['json'])
    .description(
      'watch a target from now on: host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:[NAME], containerd:[NAME], archive:PATH, lambda:PATH or sbom:PATH, on the machine of the server',
    )
    .addHelpText('after', examples(['openinspector resources add dir:/srv/shop', 'openinspector resources add image:/srv/images/shop.tar']))
    .action(async (target: string, { output, ...server }: ServerOptions & { output?: Format }, own: Command) => {
      const added = await (await connect(server)).send<Watched | WatchedSeveral>('POST', '/resources', { target })
      if (output === 'json') return await write(`${JSON.stringify(added)}\n`)
      const { members, failed } = 'members' in added ? added : { members: [added], failed: [] }
      for (const one of members) say(own, `Watching ${one.target} as ${one.arn}`)
      for (const one of failed) say(own, `Not watching ${one.target}: ${one.reason}`)
      if (members.length === 0) say(own, `Nothing to watch: ${added.target} stands for nothing that could be opened just now`)
    })

  withServer(command.command('collect <resource>'))
    .description('look at a resource again now; RESOURCE is what `coverage list -o json` calls arn')
    .addHelpText('after', examples(['openinspector resources collect urn:openinspector:host:...']))
    .action(async (arn: string, server: ServerOptions, own: Command) => {
      await (await connect(server)).send('POST', `/resources/${encodeURIComponent(arn)}/collect`)
      say(own, `Collecting ${arn}`)
    })

  withServer(command.command('sbom <resource>'))
    .description(
      'what a resource holds, of all who looked at it, as a document for other programs; RESOURCE is what `coverage list -o json` calls arn',
    )
    .addOption(new Option('--format <format>', 'JSON of this format').choices(sbomFormats).default(usualSbomFormat))
    .option('--file <path>', 'write there instead of to stdout')
    .addHelpText('after', examples(['openinspector resources sbom urn:openinspector:host:... --format spdx-2.3 --file web.spdx.json']))
    .action(async (arn: string, { format, file, ...server }: ServerOptions & { format: SbomFormat; file?: string }) => {
      const document = await (await connect(server)).get<object>(`/resources/${encodeURIComponent(arn)}/sbom`, { format })
      const text = `${JSON.stringify(document, null, 2)}\n`
      if (file === undefined) await write(text)
      else await writeFile(file, text)
    })

  withServer(command.command('remove <resource>'))
    .description('stop watching a resource; its findings are closed')
    .addHelpText('after', examples(['openinspector resources remove urn:openinspector:host:...']))
    .action(async (arn: string, server: ServerOptions, own: Command) => {
      await (await connect(server)).send('DELETE', `/resources/${encodeURIComponent(arn)}`)
      say(own, `No longer watching ${arn}`)
    })
}
