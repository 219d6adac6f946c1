import { controlStanzas, presenceOf, type Stanza } from '../../../formats/control-stanzas.ts'
import { purlOf } from '../../../formats/purl.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'

/** OpenWrt's place, Yocto's, and the one that opkg itself is built with. */
const place = /^(?:usr\/lib|var\/lib|usr\/local\/lib)\/opkg\/(?:status|info\/[^/]{1,255}\.list)$/
/** No text of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024
/** Broken stanzas told one by one; the rest are counted. */
const MOST_GAPS = 100

const fields = ['package', 'version', 'status', 'architecture', 'license', 'source', 'auto-installed'] as const
type Fields = Stanza<(typeof fields)[number]>

/** Installed packages from opkg's status file, whose form is dpkg's. */
export const opkgPackages = {
  id: 'opkg/status',
  version: 1,
  title: 'opkg status database',
  names: ['status'],
  wants: ({ path }) => path.endsWith('/status') && place.test(path),
  async read(file) {
    const occurrences: Occurrence[] = []
    const reasons: string[] = []
    const form = { fields, longest: LONGEST, writer: 'opkg' }
    for (const stanza of controlStanzas(await file.text(), form, (reason) => reasons.push(reason))) {
      const presence = stanza.status === undefined ? { reason: 'no Status field' } : presenceOf(stanza.status)
      if (presence === 'absent') continue
      const component = presence === 'present' ? componentOf(stanza) : presence.reason
      if (typeof component === 'string') reasons.push(`line ${stanza.line}: ${component}`)
      else occurrences.push(occurrenceOf(component, stanza, file.path))
    }
    const shown =
      reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more broken stanzas`] : reasons
    return { occurrences, gaps: shown.map((reason) => ({ path: file.path, extractor: this.id, reason })) }
  },
} satisfies Extractor

/** Which package owns which file: one absolute path a line, OpenWrt's without folders. */
export const opkgFiles = {
  id: 'opkg/files',
  version: 1,
  title: 'files owned by opkg packages',
  names: ['*.list'],
  wants: ({ path }) => path.endsWith('.list') && place.test(path),
  async read(file) {
    const owner = file.path.slice(file.path.lastIndexOf('/') + 1, -'.list'.length)
    // Yocto's lines go on with rights and link targets behind a tab.
    const lines = (await file.text()).split('\n').map((line) => line.split('\t', 1)[0] ?? '')
    const paths = lines.filter((line) => /^\/[^/]/.test(line) && !line.endsWith('/')).map((line) => line.slice(1))
    return { occurrences: [], gaps: [], owned: owner === '' || paths.length === 0 ? [] : [{ owner, paths }] }
  },
} satisfies Extractor

function componentOf({ package: name, version, architecture, source }: Fields): Component | string {
  if (name === undefined) return 'no Package field'
  if (!isName(name)) return 'expected a package name of letters, digits and + - . _'
  if (version === undefined) return `package ${name}: no Version field`
  if (!isVersion(version)) return `package ${name}: expected a version of printable ASCII without blanks`
  const arch = architecture !== undefined && isName(architecture) ? { arch: architecture } : {}
  return {
    purl: purlOf('opkg', undefined, name, version, arch),
    type: 'opkg',
    name,
    version,
    ...arch,
    // Yocto writes the name; OpenWrt the folder it is built in, which is no package's name.
    ...(source !== undefined && isName(source) && { source: { name: source, version } }),
  }
}

function occurrenceOf(component: Component, stanza: Fields, path: string): Occurrence {
  const auto = stanza['auto-installed']
  return {
    component,
    at: { path },
    extractor: opkgPackages.id,
    ...(auto !== undefined && { direct: auto !== 'yes' }),
    ...(stanza.license !== undefined && stanza.license !== '' && { licences: [stanza.license] }),
  }
}

const isName = (text: string) => text.length < LONGEST && /^[a-zA-Z0-9][a-zA-Z0-9+._-]*$/.test(text)
const isVersion = (text: string) => text.length < LONGEST && /^[!-~]+$/.test(text)
