import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted, shown } from '../../../formats/problems.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Extractor, FileTree } from '../../../model/seams.ts'
import { brewComponent } from './component.ts'

const PLACE = /(?:^|\/)Cellar\/([^/]+)\/([^/]+)\/INSTALL_RECEIPT\.json$/

/**
 * An installed formula: `Cellar/NAME/VERSION` with the receipt that brew leaves there (docs.brew.sh, "Formula Cookbook", "Homebrew
 * terminology": a keg). The place tells which version it is, the receipt where from and for whom; programs below belong to it.
 */
export const keg = {
  id: 'homebrew/keg',
  version: 1,
  title: 'Installed Homebrew formulae',
  names: ['INSTALL_RECEIPT.json'],
  wants: ({ path }) => PLACE.test(path),
  async read(file, near) {
    const [, name = '', version = ''] = PLACE.exec(file.path) ?? []
    const receipt = parseJson(await file.text())
    if (!isRecord(receipt)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object']) }
    const source = isRecord(receipt['source']) ? receipt['source'] : {}
    const tap = textOf(source, 'tap')
    const component = brewComponent(tap === undefined ? name : `${tap}/${name}`, version)
    if (component === undefined || version === '') {
      const told = `expected the name and the version of a formula in the path, got ${quoted(`${name}/${version}`)}`
      return { occurrences: [], gaps: gapsOf(this.id, file.path, [tap === undefined ? told : `${told} of the tap ${quoted(tap)}`]) }
    }
    const problems: string[] = []
    const dependsOn = needsOf(receipt['runtime_dependencies'], problems)
    const asked = receipt['installed_on_request']
    const licence = await licenceOf(parentOf(file.path), name, near)
    const occurrence = {
      component,
      at: { path: file.path },
      extractor: this.id,
      ...(typeof asked === 'boolean' && { direct: asked }),
      ...(dependsOn.length > 0 && { dependsOn }),
      ...(licence !== undefined && { licences: [licence] }),
    }
    return { occurrences: [occurrence], gaps: gapsOf(this.id, file.path, problems), covers: true }
  },
} satisfies Extractor

/** Receipts of old brews have none, or a null. */
function needsOf(told: unknown, problems: string[]): readonly string[] {
  if (!Array.isArray(told)) return []
  const purls = told.flatMap((need: unknown): readonly string[] => {
    const name = isRecord(need) ? textOf(need, 'full_name') : undefined
    // without a revision in receipts of older brews
    const version = isRecord(need) ? (textOf(need, 'pkg_version') ?? textOf(need, 'version')) : undefined
    const component = name === undefined || version === undefined ? undefined : brewComponent(name, version)
    if (component === undefined) problems.push(`expected a formula with its version among what it needs, got ${shown(name ?? need)}`)
    return component === undefined ? [] : [component.purl]
  })
  return [...new Set(purls)].sort()
}

/** The formula brew keeps in the keg; of its licences only the plain form is read. */
async function licenceOf(folder: string, name: string, near: Pick<FileTree, 'open'>): Promise<string | undefined> {
  const formula = await near.open(`${folder}/.brew/${name}.rb`)
  if (formula === undefined) return undefined
  const head = Buffer.from(await formula.range(0, 1 << 14)).toString('utf8')
  return /^ {2}license "([^"\n]{1,200})"$/m.exec(head)?.[1]
}
