import type { FileTree } from '../../../model/seams.ts'
import { quoted } from '../../../formats/problems.ts'
import { hashesOf } from './integrity.ts'
import type { LockedGraph, LockedPackage } from './locked-graph.ts'
import { folderOf, projectIn } from './project.ts'
import type { SymlEntry } from './syml.ts'
import { finder, pairsIn, partsOf, textIn } from './yarn-names.ts'

/**
 * A lock of yarn 1 (classic.yarnpkg.com, "yarn.lock"). It does not say what the project asks for, or why: the `package.json`
 * beside it does, and workspaces ask for more than can be seen there.
 */
export async function classicGraph(
  entries: readonly SymlEntry[],
  path: string,
  near: Pick<FileTree, 'open'>,
  problems: string[],
): Promise<LockedGraph> {
  const find = finder(entries.flatMap(({ keys }) => keys.map((key) => [key, keys[0] ?? ''] as const)))
  const packages = new Map<string, LockedPackage>()
  for (const { line, keys, fields } of entries) {
    const id = keys[0] ?? ''
    const installed = installedOf(id, fields)
    if (installed === 'broken') problems.push(`line ${line}: expected a package with its version, got ${quoted(id)}`)
    else packages.set(id, { ...installed, needs: needsOf(fields, find), hashes: digestsOf(fields) })
  }
  const project = await projectIn(folderOf(path), near)
  const asked = [...(project?.asks ?? [])].flatMap(([name, { range, as }]) => {
    const to = as === 'peer' ? undefined : find(name, range)
    return to === undefined ? [] : [{ to, as }]
  })
  return { packages, asked, whole: project !== undefined && !project.workspaces }
}

function installedOf(key: string, fields: SymlEntry['fields']): Pick<LockedPackage, 'installed'> | 'broken' {
  const parts = partsOf(key)
  const version = textIn(fields, 'version')
  if (parts === undefined || version === undefined) return 'broken'
  // a folder beside the project, which is its own: only what came out of an archive has an address
  if (/^(?:link:|file:|\.{1,2}\/)/.test(parts.range) && !fields.has('resolved')) return {}
  const alias = parts.range.startsWith('npm:') ? partsOf(parts.range.slice('npm:'.length)) : undefined
  return { installed: { name: alias?.name ?? parts.name, version } }
}

function needsOf(fields: SymlEntry['fields'], find: (name: string, range: string) => string | undefined): LockedPackage['needs'] {
  return (['dependencies', 'optionalDependencies'] as const).flatMap((member) =>
    pairsIn(fields, member).flatMap(([name, range]) => {
      const to = find(name, range)
      return to === undefined ? [] : [{ to, as: member === 'dependencies' ? ('runtime' as const) : ('optional' as const) }]
    }),
  )
}

/** Older locks have the SHA-1 of an archive behind its address alone. */
function digestsOf(fields: SymlEntry['fields']): readonly string[] {
  const hashes = hashesOf(fields.get('integrity'))
  if (hashes.length > 0) return hashes
  const sum = /\.t(?:ar\.)?gz#([0-9a-f]{40})$/.exec(textIn(fields, 'resolved')?.slice(-64) ?? '')?.[1]
  return sum === undefined ? [] : [`sha1:${sum}`]
}
