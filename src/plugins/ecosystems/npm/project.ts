import { isRecord, namesIn, parseJson } from '../../../formats/json.ts'
import type { FileTree } from '../../../model/seams.ts'
import type { LockScope } from './locked-graph.ts'

/** What a project's `package.json` asks for: package.json(5). */
export type Project = {
  /** The range it wants and why, by the name under which it is installed. */
  readonly asks: ReadonlyMap<string, { readonly range: string; readonly as: LockScope }>
  /** It has workspaces, which ask for packages of their own. */
  readonly workspaces: boolean
}

/** Later ones count where a name stands in several, as with npm: what is optional there is not also required. */
const members = [
  ['peerDependencies', 'peer'],
  ['devDependencies', 'dev'],
  ['dependencies', 'runtime'],
  ['optionalDependencies', 'optional'],
] as const

export function projectOf(manifest: Readonly<Record<string, unknown>>): Project {
  const asks = new Map<string, { range: string; as: LockScope }>()
  for (const [member, as] of members) {
    const wanted = manifest[member]
    if (isRecord(wanted)) for (const [name, range] of Object.entries(wanted)) if (typeof range === 'string') asks.set(name, { range, as })
  }
  return { asks, workspaces: Array.isArray(manifest['workspaces']) || namesIn(manifest['workspaces']).length > 0 }
}

/** undefined for what is not there or no manifest: it only adds to what a lock says. */
export async function projectIn(folder: string, near: Pick<FileTree, 'open'>): Promise<Project | undefined> {
  try {
    const file = await near.open(`${folder}package.json`)
    const manifest = file && parseJson(await file.text())
    return isRecord(manifest) ? projectOf(manifest) : undefined
  } catch {
    return undefined
  }
}

/** The folder of a file, with its slash; '' at the root. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
