import type { FileTree } from '../../../model/seams.ts'
import { isRecord, parseJson } from '../../../formats/json.ts'
import { parseYaml } from '../../../formats/yaml.ts'

const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb']
/** Folders above a manifest that are looked at, and patterns of one of them. */
const MOST = { folders: 8, patterns: 256 }

/** Whether a project above counts the manifest's folder among its workspaces, and has a lock: that lock speaks for it then. */
export async function isLockedAbove(path: string, near: Pick<FileTree, 'open'>): Promise<boolean> {
  const steps = path.split('/').slice(0, -1)
  for (let depth = steps.length - 1; depth >= Math.max(0, steps.length - MOST.folders); depth--) {
    const folder = steps.slice(0, depth).map((step) => `${step}/`)
    const patterns = await patternsIn(folder.join(''), near)
    if (!patterns.some((pattern) => matches(steps.slice(depth), pattern.replace(/^\.\//, '').split('/')))) continue
    for (const lock of LOCKS) if ((await near.open(`${folder.join('')}${lock}`)) !== undefined) return true
  }
  return false
}

async function patternsIn(folder: string, near: Pick<FileTree, 'open'>): Promise<readonly string[]> {
  const manifest = await valueIn(`${folder}package.json`, parseJson, near)
  const workspace = await valueIn(`${folder}pnpm-workspace.yaml`, parseYaml, near)
  const told = isRecord(manifest) ? manifest['workspaces'] : undefined
  const lists = [told, isRecord(told) ? told['packages'] : undefined, isRecord(workspace) ? workspace['packages'] : undefined]
  return lists
    .flatMap((list: unknown) => (Array.isArray(list) ? list : []))
    .filter((one) => typeof one === 'string')
    .slice(0, MOST.patterns)
}

/** undefined for what is not there or cannot be read. */
async function valueIn(path: string, parse: (text: string) => unknown, near: Pick<FileTree, 'open'>): Promise<unknown> {
  try {
    const file = await near.open(path)
    return file && (await parse(await file.text()))
  } catch {
    return undefined
  }
}

/** `packages/*`, `packages/**`, `tools/one`: the patterns people write. What another one means is not known: it matches nothing. */
function matches(steps: readonly string[], pattern: readonly string[]): boolean {
  const wanted = pattern.filter((step) => step !== '')
  const open = wanted.at(-1) === '**'
  const fixed = open ? wanted.slice(0, -1) : wanted
  if (open ? steps.length <= fixed.length : steps.length !== fixed.length) return false
  return fixed.every((step, at) => step === '*' || step === steps[at])
}
