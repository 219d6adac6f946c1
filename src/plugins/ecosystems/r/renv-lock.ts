import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { rComponent, type Publisher } from './component.ts'
import { dependenciesIn, parseDcf } from './dcf.ts'

type Fields = Readonly<Record<string, unknown>>

/** What renv locked: `renv.lock`, with `Requirements` (renv below 1.1) or the fields of each `DESCRIPTION` (from 1.1 on). */
export const renvLock = {
  id: 'r/renv-lock',
  version: 1,
  title: 'renv.lock',
  names: ['renv.lock'],
  wants: ({ path }) => path === 'renv.lock' || path.endsWith('/renv.lock'),
  async read(file, near) {
    const lock = parseJson(await file.text())
    const packages = isRecord(lock) ? lock['Packages'] : undefined
    if (!isRecord(packages)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected an object with Packages']) }
    const problems: string[] = []
    const held = new Map<string, { readonly component: Component; readonly needs: readonly string[] }>()
    for (const key of Object.keys(packages)) {
      const entry = packages[key]
      const fields: Fields = isRecord(entry) ? entry : {}
      const component = rComponent(publisherOf(fields), textOf(fields, 'Package') ?? key, textOf(fields, 'Version') ?? '')
      if (component === undefined || component.version === '')
        problems.push(`${quoted(key)}: expected the name and the version of an R package`)
      else held.set(component.name, { component, needs: needsOf(fields) })
    }
    const direct = await askedBeside(parentOf(file.path), near)
    const occurrences = [...held.values()].map(({ component, needs }): Occurrence => {
      const needed = [...new Set(needs.flatMap((name) => held.get(name)?.component.purl ?? []))].sort()
      return {
        component,
        at: { path: file.path },
        extractor: this.id,
        ...(direct.has(component.name) && { direct: true }),
        ...(needed.length > 0 && { dependsOn: needed }),
      }
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const publisherOf = (fields: Fields): Publisher => (fields['Source'] === 'Bioconductor' ? 'bioconductor' : 'cran')

/** `Requirements` is a list of names; the other fields are lists of what a `DESCRIPTION` says. */
function needsOf(fields: Fields): readonly string[] {
  return ['Requirements', 'Depends', 'Imports', 'LinkingTo'].flatMap((name) => {
    const list = fields[name]
    return Array.isArray(list)
      ? list.flatMap((entry) => (typeof entry === 'string' ? dependenciesIn(entry) : [])).map((one) => one.name)
      : []
  })
}

/** What the project's own `DESCRIPTION` asks for, where it has one. It only adds to what the lock says. */
async function askedBeside(folder: string, near: Pick<FileTree, 'open'>): Promise<ReadonlySet<string>> {
  try {
    const file = await near.open(folder === '' ? 'DESCRIPTION' : `${folder}/DESCRIPTION`)
    const [record] = file ? parseDcf(await file.text()) : []
    const fields = ['depends', 'imports', 'linkingto', 'suggests']
    return new Set(fields.flatMap((field) => dependenciesIn(record?.get(field))).map(({ name }) => name))
  } catch {
    return new Set()
  }
}
