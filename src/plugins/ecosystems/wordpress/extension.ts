import type { Extracted, Extractor, ScanFile } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'

/** WordPress itself reads no more of a file for its header (`get_file_data`). */
const HEAD = 8192
const PLUGIN = /(?:^|\/)wp-content\/(?:mu-)?plugins\/(?:([^/]+)\/)?([^/]+)\.php$/
const THEME = /(?:^|\/)wp-content\/themes\/([^/]+)\/style\.css$/
const CORE = /(?:^|\/)wp-includes\/version\.php$/

/** Plugins, from the header of a PHP file in their folder (developer.wordpress.org, "Header Requirements" of plugins). */
export const plugin = {
  id: 'wordpress/plugin',
  version: 1,
  title: 'WordPress plugins',
  names: ['*.php'],
  wants: ({ path }) => PLUGIN.test(path),
  async read(file) {
    const [, folder, name = ''] = PLUGIN.exec(file.path) ?? []
    const head = await headOf(file)
    // of the many files of a plugin one has the header
    if (fieldOf(head, 'Plugin Name') === undefined) return { occurrences: [], gaps: [] }
    return extension(this.id, file, 'plugins', folder ?? name, head)
  },
} satisfies Extractor

/** Themes, from the header of their style sheet (developer.wordpress.org, "Main Stylesheet"). */
export const theme = {
  id: 'wordpress/theme',
  version: 1,
  title: 'WordPress themes',
  names: ['style.css'],
  wants: ({ path }) => THEME.test(path),
  async read(file) {
    const head = await headOf(file)
    if (fieldOf(head, 'Theme Name') === undefined)
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the header of a theme']) }
    return extension(this.id, file, 'themes', THEME.exec(file.path)?.[1] ?? '', head)
  },
} satisfies Extractor

/** WordPress itself: `$wp_version` in `wp-includes/version.php`. */
export const core = {
  id: 'wordpress/core',
  version: 1,
  title: 'WordPress',
  alone: true,
  names: ['version.php'],
  wants: ({ path }) => CORE.test(path),
  async read(file) {
    const version = /^\$wp_version\s{0,8}=\s{0,8}'([\w.+-]{1,64})'\s{0,8};/m.exec(await headOf(file))?.[1]
    if (version === undefined)
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected $wp_version with the version of WordPress']) }
    const component = { purl: purlOf('wordpress', undefined, 'wordpress', version), type: 'wordpress', name: 'wordpress', version }
    return { occurrences: [{ component, at: { path: file.path }, extractor: this.id }], gaps: [] }
  },
} satisfies Extractor

async function headOf(file: ScanFile): Promise<string> {
  return Buffer.from(await file.range(0, HEAD)).toString('utf8')
}

function extension(extractor: string, file: ScanFile, kind: 'plugins' | 'themes', slug: string, head: string): Extracted {
  const version = fieldOf(head, 'Version')
  if (version === undefined || !/^[\w.+-]{1,64}$/.test(version) || !/^[\w-][\w.-]{0,200}$/.test(slug)) {
    const got = version === undefined ? 'none' : JSON.stringify(version.slice(0, 80))
    return { occurrences: [], gaps: gapsOf(extractor, file.path, [`expected a header with a version, got ${got}`]) }
  }
  const licence = fieldOf(head, 'License')
  const component = { purl: purlOf('wordpress', kind, slug, version), type: 'wordpress', name: `${kind}/${slug}`, version }
  return {
    occurrences: [{ component, at: { path: file.path }, extractor, ...(licence !== undefined && { licences: [licence.slice(0, 200)] }) }],
    gaps: [],
  }
}

/** A line `Name: value` in a comment. */
function fieldOf(head: string, name: string): string | undefined {
  for (const line of head.split(/\r\n|\r|\n/)) {
    const at = line.indexOf(`${name}:`)
    if (at < 0 || !/^(?:[ \t]*<\?php)?[ \t/*#@]*$/.test(line.slice(0, at))) continue
    const value = line
      .slice(at + name.length + 1)
      .replace(/\s*(?:\*\/|\?>).*$/, '')
      .trim()
    return value === '' ? undefined : value
  }
  return undefined
}
