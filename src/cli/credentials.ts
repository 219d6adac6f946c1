import { dataFolder, readCredentials } from '../app/data-folder.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { oneOf, write } from './output.ts'

const formats = ['text', 'env', 'json'] as const

export const define: Define = (command) => {
  command
    .option('--data <dir>', 'data folder of the server; $OI_DATA, else the default one')
    .option(
      '--format <format>',
      'text (what `aws configure` asks for), env (export lines) or json',
      (value) => oneOf(formats, value),
      'text',
    )
    .addHelpText('after', examples(['eval "$(openinspector credentials --format env)"', 'aws inspector2 list-findings']))
    .action(async ({ data, format }: { data?: string; format: (typeof formats)[number] }) => {
      const { accessKeyId, secretAccessKey, region, url } = await readCredentials(dataFolder(data))
      if (format === 'json') return write(`${JSON.stringify({ accessKeyId, secretAccessKey, region, endpointUrl: url })}\n`)
      if (format === 'text') {
        return write(
          `AWS Access Key ID: ${accessKeyId}\nAWS Secret Access Key: ${secretAccessKey}\nDefault region name: ${region}\nEndpoint URL: ${url}\n`,
        )
      }
      const values = {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL_INSPECTOR2: url,
      }
      return write(
        Object.entries(values)
          .map(([name, value]) => `export ${name}='${value}'\n`)
          .join(''),
      )
    })
}
