import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf } from '../../../../test/contracts/extractor.ts'
import type { Extracted, Extractor } from '../../../model/seams.ts'
import { core, plugin, theme } from './extension.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const [akismet, style, version] = [
  'var/www/wp-content/plugins/akismet/akismet.php',
  'wp-content/themes/tt4/style.css',
  'wp-includes/version.php',
]

extractorContract(plugin, {
  path: akismet,
  content: fixture('akismet.php'),
  wants: ['wp-content/plugins/hello.php', 'wp-content/mu-plugins/a.php'],
  refuses: ['wp-content/plugins/a/inc/b.php', 'plugins/a/a.php', 'wp-content/themes/a/functions.php'],
})
extractorContract(theme, {
  path: style,
  content: fixture('style.css'),
  wants: ['a/wp-content/themes/b/style.css'],
  refuses: ['themes/b/style.css', 'style.css'],
})
extractorContract(core, {
  path: version,
  content: fixture('version.php'),
  wants: ['var/www/html/wp-includes/version.php'],
  refuses: ['version.php'],
})

const read = async (extractor: Extractor, path: string, text: string): Promise<Extracted> =>
  extractor.read(fileOf(path, text), { open: async () => undefined })

describe('WordPress', () => {
  it.each([
    [plugin, akismet, 'akismet.php', 'pkg:wordpress/plugins/akismet@5.3.1', ['GPLv2 or later']],
    [theme, style, 'style.css', 'pkg:wordpress/themes/tt4@1.2', ['GNU General Public License v2 or later']],
    [core, version, 'version.php', 'pkg:wordpress/wordpress@6.4.2', undefined],
  ])('$id is read', async (extractor, path, name, purl, licences) => {
    const { occurrences, gaps } = await read(extractor, path, fixture(name))
    expect([occurrences.map((one) => [one.component.purl, one.licences, one.at.path]), gaps]).toEqual([[[purl, licences, path]], []])
  })
  it('goes by the file where a plugin has no folder', async () => {
    const { occurrences } = await read(plugin, 'wp-content/plugins/hello.php', '<?php /* Plugin Name: Hello */ \n/* Version: 1.7.2 */')
    expect(occurrences.map(({ component }) => component)).toEqual([
      { purl: 'pkg:wordpress/plugins/hello@1.7.2', type: 'wordpress', name: 'plugins/hello', version: '1.7.2' },
    ])
  })
  it('finds no plugin in a file without a header', async () => {
    expect(await read(plugin, akismet, '<?php echo "Plugin Name: x";')).toEqual({ occurrences: [], gaps: [] })
  })
  it.each([
    [plugin, akismet, 'Plugin Name: x', 'expected a header with a version, got none'],
    [plugin, akismet, 'Plugin Name: x\nVersion: @VERSION@', 'expected a header with a version, got "@VERSION@"'],
    [theme, style, 'body {}', 'expected the header of a theme'],
    [core, version, '<?php', 'expected $wp_version with the version of WordPress'],
  ])('$id tells what is wrong with a file', async (extractor, path, text, reason) => {
    expect((await read(extractor, path, text)).gaps.map((gap) => gap.reason)).toEqual([reason])
  })
})
