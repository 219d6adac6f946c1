import type { PathBudget } from '../../../formats/path-budget.ts'
import { adbSchemas, fieldOf, itemsOf, nestedAdb, numberOf, openAdb, textOf, type AdbValue } from './adb.ts'
import { isVirtual, problemOf, type ApkPackage } from './apk-package.ts'

/** Numbers of the fields we use, by schema (apk-tools 3, `src/apk_adb.h`). */
const packageFields = { info: 1, paths: 2 }
const infoFields = { name: 1, version: 2, arch: 5, licence: 6, origin: 7, depends: 15, provides: 16 }
const dependencyFields = { name: 1, match: 3 }
const pathFields = { name: 1, files: 3 }
/** Bit of a dependency's match that makes it a conflict. */
const CONFLICT = 16
/** Values looked at: as many as fit into the bytes, so that values which share their place cannot multiply. */
type Budget = { left: number; readonly paths: PathBudget }

/** Packages of a database of apk-tools 3. */
export function* readBinary(
  bytes: Uint8Array,
  { most, paths }: { readonly most: number; readonly paths: PathBudget },
  onProblem: (reason: string) => void,
): Generator<ApkPackage> {
  const { schema, root } = openAdb(bytes, most)
  if (schema !== adbSchemas.installed) throw new Error(`expected a database of installed packages, got schema ${schema.toString(16)}`)
  const budget = { left: Math.max(1024, root.block.length), paths }
  const list = fieldOf(itemsOf(root), 1)
  for (const [at, item] of (list === undefined ? [] : itemsOf(list)).entries()) {
    try {
      const one = packageOf(itemsOf(nestedAdb(item) ?? item), budget)
      if (isVirtual(one.name)) continue
      const problem = problemOf(one)
      if (problem === undefined) yield one
      else onProblem(`package ${at + 1}: ${problem}`)
    } catch (thrown) {
      onProblem(`package ${at + 1}: ${thrown instanceof Error ? thrown.message : 'cannot be read'}`)
      if (budget.left < 0) return
    }
  }
}

function packageOf(given: readonly AdbValue[], budget: Budget): ApkPackage {
  const info = listed(fieldOf(given, packageFields.info), budget)
  const text = (field: number) => textOf(fieldOf(info, field))
  return {
    name: text(infoFields.name) ?? '',
    version: text(infoFields.version) ?? '',
    arch: text(infoFields.arch),
    licence: text(infoFields.licence),
    origin: text(infoFields.origin),
    depends: dependenciesOf(fieldOf(info, infoFields.depends), budget),
    provides: dependenciesOf(fieldOf(info, infoFields.provides), budget),
    files: filesOf(fieldOf(given, packageFields.paths), budget),
  }
}

function dependenciesOf(value: AdbValue | undefined, budget: Budget): readonly string[] {
  return listed(value, budget).flatMap((item) => {
    const dependency = listed(item, budget)
    const conflicts = ((numberOf(fieldOf(dependency, dependencyFields.match)) ?? 0) & CONFLICT) !== 0
    return conflicts ? [] : (textOf(fieldOf(dependency, dependencyFields.name)) ?? [])
  })
}

function filesOf(value: AdbValue | undefined, budget: Budget): readonly string[] {
  return listed(value, budget).flatMap((item) => {
    const folder = listed(item, budget)
    const path = textOf(fieldOf(folder, pathFields.name)) ?? ''
    return listed(fieldOf(folder, pathFields.files), budget).flatMap((file) => {
      const name = textOf(fieldOf(listed(file, budget), 1))
      return (name === undefined ? undefined : budget.paths.join(path, name)) ?? []
    })
  })
}

function listed(value: AdbValue | undefined, budget: Budget): readonly AdbValue[] {
  const items = value === undefined ? [] : itemsOf(value)
  budget.left -= items.length
  if (budget.left < 0) throw new Error('more values than the database has room for: not read further')
  return items
}
