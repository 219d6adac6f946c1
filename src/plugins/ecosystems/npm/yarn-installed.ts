import type { Occurrence } from '../../../model/component.ts'
import type { Extracted, Extractor, FileTree } from '../../../model/seams.ts'
import { cleanPath } from '../../../kit/paths.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { npmComponent } from './component.ts'
import { withoutSecrets } from './locked-graph.ts'
import { runtimeState } from './pnp-state.ts'
import { folderOf } from './project.ts'
import { readSyml } from './syml.ts'
import { packageAt } from './yarn-locator.ts'

/** How many packages of a record are looked up before it is taken to be the only witness. */
const PROBES = 16

/** A package of a record, and the file that would tell of it where it lies. */
type Recorded = { readonly name: string; readonly reference: string; readonly place?: string }

/**
 * Which packages Plug'n'Play loads and from where (yarnpkg.com, "PnP specification"): in `.pnp.cjs`, `.pnp.js` of yarn 2, or
 * `.pnp.data.json` where the program stands apart. It speaks where the archives themselves are elsewhere.
 */
export const pnp = {
  id: 'npm/pnp',
  version: 1,
  title: "Plug'n'Play data",
  names: ['.pnp.js', '.pnp.cjs', '.pnp.data.json'],
  wants: ({ path }) => /(?:^|\/)\.pnp\.(?:c?js|data\.json)$/.test(path) && !`/${path}`.includes('/node_modules/'),
  async read(file, near) {
    const text = await file.text()
    const folder = folderOf(file.path)
    const state = file.path.endsWith('.json') ? parseJson(text) : runtimeState(text)
    if (state === undefined && (await near.open(`${folder}.pnp.data.json`))) return { occurrences: [], gaps: [] }
    const registry = isRecord(state) ? state['packageRegistryData'] : undefined
    if (!Array.isArray(registry))
      return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected the data of Plug’n’Play, with packageRegistryData']) }
    return speaking(this.id, file.path, registry.flatMap(recordedIn), near)
  },
} satisfies Extractor

/** Yarn's note of what it put into `node_modules`. It speaks only where no installed `package.json` does. */
export const yarnState = {
  id: 'npm/yarn-state',
  version: 1,
  title: 'node_modules/.yarn-state.yml',
  names: ['.yarn-state.yml'],
  wants: ({ path }) => path === STATE || path.endsWith(`/${STATE}`),
  async read(file, near) {
    const { entries, problems } = readSyml(await file.text())
    const told = entries.flatMap(({ keys: [key = ''], fields }): readonly Recorded[] => {
      const at = key.indexOf('@', 1)
      const locations = fields.get('locations')
      if (key === '__metadata' || at < 0) return []
      const [location] = locations instanceof Map ? [...locations.keys()] : []
      const place = location === undefined ? {} : { place: `${location}/package.json` }
      return [{ name: key.slice(0, at), reference: key.slice(at + 1), ...place }]
    })
    // places are told from the folder that holds `node_modules`
    const read = await speaking(this.id, file.path, told, near, file.path.slice(0, -STATE.length))
    return { ...read, gaps: [...read.gaps, ...gapsOf(this.id, file.path, problems)] }
  },
} satisfies Extractor

const STATE = 'node_modules/.yarn-state.yml'

/** `[name, [[reference, { packageLocation }], ...]]`. The project's own come without a name, too. */
function recordedIn(pair: unknown): readonly Recorded[] {
  const [name, versions] = Array.isArray(pair) ? (pair as readonly unknown[]) : []
  if (typeof name !== 'string' || !Array.isArray(versions)) return []
  return versions.flatMap((one: unknown): readonly Recorded[] => {
    const [reference, details] = Array.isArray(one) ? (one as readonly unknown[]) : []
    if (typeof reference !== 'string') return []
    const location = isRecord(details) && typeof details['packageLocation'] === 'string' ? details['packageLocation'] : ''
    const zip = location.indexOf('.zip/')
    const place =
      location === '' || location.includes('/__virtual__/')
        ? {}
        : { place: zip < 0 ? `${location}package.json` : location.slice(0, zip + 4) }
    return [{ name, reference, ...place }]
  })
}

async function speaking(
  extractor: string,
  path: string,
  recorded: readonly Recorded[],
  near: Pick<FileTree, 'open'>,
  folder = folderOf(path),
): Promise<Extracted> {
  const problems: string[] = []
  const places: string[] = []
  const found = new Map<string, Occurrence>()
  for (const { name, reference, place } of recorded) {
    const what = packageAt(name, reference)
    if (what === 'own') continue
    const component = npmComponent(what.name, withoutSecrets(what.version))
    const clean = place === undefined ? undefined : cleanPath(place)
    if (clean !== undefined && places.length < PROBES) places.push(`${folder}${clean}`)
    if (component === undefined) problems.push(`${quoted(`${name}@${reference}`)}: expected the name and the version of an npm package`)
    else found.set(component.purl, { component, at: { path }, extractor })
  }
  const seen = await Promise.all(places.map((place) => near.open(place)))
  if (seen.some((one) => one !== undefined)) return { occurrences: [], gaps: [] }
  return { occurrences: [...found.values()], gaps: gapsOf(extractor, path, problems) }
}
