/**
 * Makes the table of limits that src/api/inspector2 validates requests by. The official JavaScript client's schemas give
 * names and structure only; types' limits, patterns and enumerations come from the service's published API model.
 *
 *   node scripts/generate-limits.mjs PATH/TO/inspector2-service-2.json
 *
 * The model is botocore's `data/inspector2/2020-06-08/service-2.json` (Apache-2.0); it is no part of this project.
 */
import { readFile, writeFile } from 'node:fs/promises'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('expected the path of inspector2-service-2.json')
const model = JSON.parse(await readFile(path, 'utf8'))

/** @type {Record<string, string>} */
const inputs = {}
/** @type {Record<string, object>} */
const shapes = {}
for (const [name, { input }] of Object.entries(model.operations).sort(byKey)) {
  if (input === undefined) continue
  inputs[name] = input.shape
  visit(input.shape)
}
const sorted = Object.fromEntries(Object.entries(shapes).sort(byKey))

await writeFile(
  new URL('../src/api/inspector2/limits.generated.ts', import.meta.url),
  `// Made by scripts/generate-limits.mjs; do not edit. Facts of the Amazon Inspector API model, version ${model.metadata.apiVersion}
// (botocore data/inspector2, Apache-2.0): what its input shapes accept.
import type { InputShape } from './limits.ts'

export const inputs: Readonly<Record<string, string>> = ${JSON.stringify(inputs, undefined, 1)}

export const shapes: Readonly<Record<string, InputShape>> = {
${Object.entries(sorted)
  .map(([name, facts]) => ` ${JSON.stringify(name)}: ${JSON.stringify(facts)},`)
  .join('\n')}
}
`,
)

/** @param {[string, any]} left @param {[string, any]} right */
function byKey([left], [right]) {
  return left < right ? -1 : 1
}

/** @param {string} name */
function visit(name) {
  if (name in shapes) return
  const { type, min, max, pattern, enum: values, member, key, value, members, required, union, timestampFormat } = model.shapes[name]
  const kind = type === 'long' ? 'integer' : type
  shapes[name] = {
    type: kind,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(pattern !== undefined && { pattern }),
    ...(values !== undefined && { values }),
    ...(timestampFormat !== undefined && { format: timestampFormat }),
    ...(member !== undefined && { member: member.shape }),
    ...(key !== undefined && { key: key.shape, value: value.shape }),
    ...(members !== undefined && { members: Object.fromEntries(Object.entries(members).map(([of, { shape }]) => [of, shape])) }),
    ...(required?.length > 0 && { required }),
    ...(union && { union }),
  }
  const next = [member, key, value, ...Object.values(members ?? {})]
  for (const part of next) if (part !== undefined) visit(part.shape)
}
