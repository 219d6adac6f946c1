import { dataFolder } from '../app/data-folder.ts'
import type { Define } from './define.ts'
import { examples } from './examples.ts'
import { exit } from './exit.ts'
import { progress } from './progress.ts'
import { say } from './words.ts'

export const define: Define = (command, done) => {
  command
    .requiredOption('--to <url>', 'address of an empty database, postgres://...; $PGPASSWORD keeps its password off the command line')
    .option('--data <dir>', 'data folder of the embedded store; $OI_DATA, else the default one. No server may run on it')
    .addHelpText('after', examples(['openinspector migrate-store --to postgres://oi@db.example.org/openinspector']))
    .action(async ({ to, data }: { to: string; data?: string }) => {
      const { migrateStore } = await import('../app/migrate.ts')
      const shown = progress(command)
      const folder = dataFolder(data)
      const { tables, findings, differences } = await migrateStore({ data: folder, url: to, say: shown.say }).finally(shown.end)
      const rows = Object.values(tables).reduce((sum, each) => sum + each, 0)
      say(
        command,
        `Copied ${rows} rows of ${Object.keys(tables).length} tables; ${findings} findings recomputed, ${differences} differences`,
      )
      say(command, `Next: DATABASE_URL=... openinspector serve --data ${folder}   (the folder holds the key that opens stored secrets)`)
      done(differences === 0 ? exit.ok : exit.failed)
    })
}
