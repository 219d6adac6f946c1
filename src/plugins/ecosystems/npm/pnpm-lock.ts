import type { Extractor, FileTree } from '../../../model/seams.ts'
import { isRecord } from '../../../formats/json.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { parseYamlDocuments } from '../../../formats/yaml.ts'
import { occurrencesOf, type LockedGraph } from './locked-graph.ts'
import { pnpmGraph } from './pnpm-graph.ts'
import { folderOf } from './project.ts'

/** How many packages of pnpm's record of what it installed are looked up before it is taken to be the only witness. */
const PROBES = 16
const RECORD = 'node_modules/.pnpm/lock.yaml'

/**
 * What pnpm locked: `pnpm-lock.yaml`, lock versions 5 to 9 (pnpm/spec, "lockfile"), and pnpm's own record of what it installed in
 * `node_modules/.pnpm`. A branch may have a lock of its own (`pnpm-lock.main.yaml`).
 */
export const pnpmLock = {
  id: 'npm/pnpm-lock',
  version: 1,
  title: 'pnpm-lock.yaml',
  names: ['*.yaml'],
  wants: ({ path }) => {
    if (path === RECORD || path.endsWith(`/${RECORD}`)) return true
    return /(?:^|\/)pnpm-lock(?:\.[^/]+)?\.yaml$/.test(path) && !`/${path}`.includes('/node_modules/')
  },
  async read(file, near) {
    const documents = (await parseYamlDocuments(await file.text())).filter((one) => one !== null && one !== undefined)
    const problems = documents.length === 0 ? ['expected what pnpm locked, got an empty file'] : []
    const graphs: LockedGraph[] = []
    for (const document of documents) {
      if (isRecord(document)) graphs.push(pnpmGraph(document, problems))
      else problems.push('expected a map of names')
    }
    if (file.path.endsWith(RECORD) && (await seenInstalled(folderOf(file.path), graphs, near))) return { occurrences: [], gaps: [] }
    const occurrences = graphs.flatMap((graph) => occurrencesOf(graph, { at: { path: file.path }, extractor: this.id }, problems))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** The record repeats what the installed `package.json` files say: it speaks only where those are gone. */
async function seenInstalled(folder: string, graphs: readonly LockedGraph[], near: Pick<FileTree, 'open'>): Promise<boolean> {
  const places = graphs
    .flatMap(({ packages }) => [...packages])
    // the folder of one that was installed for certain peers has a longer name
    .flatMap(([id, { installed }]) => (installed === undefined || /[(_]/.test(id) ? [] : [installed]))
    .slice(0, PROBES)
    .map(({ name, version }) => `${folder}${name.replace('/', '+')}@${version}/node_modules/${name}/package.json`)
  const seen = await Promise.all(places.map((place) => near.open(place)))
  return seen.some((one) => one !== undefined)
}
