import type { Define } from './define.ts'
import { examples } from './examples.ts'

export const define: Define = (command, done) => {
  command
    .option('--role <role>', 'all, api or worker; more than one process needs DATABASE_URL')
    .option('--port <port>', 'port of API and console; 7480 when absent, 0 for any free one')
    .option('--host <address>', 'address to listen on; only this machine when absent')
    .option('--public-url <url>', 'https://HOST by which browsers reach it through a proxy: cookies, host name and sign-in link follow it')
    .option('--data <dir>', 'folder of the embedded store and the credentials; $OI_DATA, else ~/.local/share/openinspector')
    .option('--feeds <where>', 'folder or URL of a mirror of the feeds, or off; the public addresses when absent')
    .option(
      '--watch <target...>',
      'targets to watch: host, dir:PATH, rootfs:PATH, disk:PATH, image:PATH, registry:NAME, docker:[NAME], containerd:[NAME], archive:PATH, lambda:PATH, sbom:PATH; host when absent',
    )
    .option('--account <id>', 'account of what lies outside AWS; 000000000000 when absent')
    .option('--region <region>', 'home Region; us-east-1 when absent')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent')
    .addHelpText(
      'after',
      `\nSettings come from a flag, else the environment (OI_PORT, OI_FEEDS, DATABASE_URL ...), else config.json in the data folder.\n${examples(
        [
          'openinspector serve',
          'openinspector serve --feeds /srv/mirror --watch host dir:/srv/shop',
          'openinspector serve --public-url https://inspector.example.org',
          'DATABASE_URL=postgres://db/openinspector openinspector serve --role worker',
        ],
      )}`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { readConfig } = await import('../app/config.ts')
      const { serve } = await import('../app/serve.ts')
      const { role, port, host, publicUrl, data, feeds, watch, account, region, logLevel } = options
      const flags = { role, port, host, publicUrl, feeds, watch, account, region, logLevel, ...(typeof data === 'string' ? { data } : {}) }
      await serve(await readConfig(flags), command.optsWithGlobals()['quiet'] === true)
      done(0)
    })
}
