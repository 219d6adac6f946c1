import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root as project } from './freshness.mjs'
import { camelCase, kinds, unitFiles, type UnitKind } from './unit-templates.ts'

/** Makes the folder of a new unit and lists it in its kind's register, below `root`. Returns the paths written. */
export function newUnit(root: string, kind: string, id: string): string[] {
  if (!isKind(kind)) throw new Error(`expected a kind (${kinds.join(', ')}), got "${kind}"`)
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw new Error(`expected a name in kebab-case, got "${id}"`)
  const home = join(root, 'src/plugins', `${kind}s`)
  if (existsSync(join(home, id))) throw new Error(`src/plugins/${kind}s/${id} is there already`)
  const register = join(home, 'index.ts')
  const listed = list(readFileSync(register, 'utf8'), id)
  const files = Object.entries(unitFiles(kind, id)).map(([name, text]) => ({ path: join(home, id, name), text }))
  for (const { path, text } of [...files, { path: register, text: listed }]) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return [...files.map(({ path }) => path), register]
}

const isKind = (kind: string): kind is UnitKind => kinds.some((known) => known === kind)

/** A register's text with one more unit: an import after the last one of a unit, and a name at the end of the list. */
function list(register: string, id: string): string {
  const name = camelCase(id)
  const imports = [...register.matchAll(/^import .* from '.*'\n/gm)].at(-1)
  const array = /\[([^[\]]*)\](?=\s*$)/.exec(register)
  if (!imports || !array) throw new Error('expected a register with imports and a list at its end')
  const after = imports.index + imports[0].length
  const held = array[1]?.trim().replace(/,$/, '')
  const names = held === '' ? name : `${held}, ${name}`
  return `${register.slice(0, after)}import { ${name} } from './${id}/index.ts'\n${register.slice(after, array.index)}[${names}]\n`
}

if (import.meta.main) {
  try {
    const [kind = '', id = ''] = process.argv.slice(2)
    const written = newUnit(project, kind, id)
    execFileSync(join(project, 'node_modules/.bin/biome'), ['format', '--write', ...written.filter((path) => path.endsWith('.ts'))], {
      cwd: project,
    })
    for (const path of written) console.log(path.slice(project.length + 1))
  } catch (error) {
    console.error(`usage: npm run new KIND NAME\n${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  }
}
