import type { Occurrence } from '../../../model/component.ts'
import type { FileTree } from '../../../model/seams.ts'
import { ancestorsOf, parentOf } from '../../../kit/paths.ts'
import { quoted } from '../../../formats/problems.ts'
import { pythonComponent } from './component.ts'

/** What a manifest asks for: a name, and the versions it allows as it writes them. */
export type Asking = { readonly name: string; readonly asked: string }

/** Each package a manifest asks for, once for each way it asks. What is no name of a package is told in `problems`. */
export function declaredOccurrences(
  place: { readonly path: string; readonly extractor: string },
  wishes: readonly Asking[],
  problems: string[],
): Occurrence[] {
  const found = new Map<string, Occurrence>()
  for (const { name, asked } of wishes) {
    const component = pythonComponent(name, '')
    if (component === undefined) problems.push(`${quoted(name)}: expected the name of a Python package`)
    else
      found.set(`${component.name} ${asked}`, {
        component,
        at: { path: place.path },
        extractor: place.extractor,
        scope: 'declared',
        direct: true,
        ...(asked !== '' && { requirement: asked }),
      })
  }
  return [...found.values()]
}

/** Locks that say which versions a project has of what its manifest asks for. */
const locks = ['poetry.lock', 'uv.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock']

/** Whether a lock of the project lies beside its manifest; a workspace of uv has one, at its top. */
export async function isLocked(path: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const folder = parentOf(path)
  const beside = locks.map((name) => (folder === '' ? name : `${folder}/${name}`))
  const above = folder === '' ? [] : ['uv.lock', ...[...ancestorsOf(folder)].map((one) => `${one}/uv.lock`)]
  const files = await Promise.all([...beside, ...above].map((name) => near.open(name)))
  return files.some((file) => file !== undefined)
}
