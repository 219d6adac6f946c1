import { shapes } from './limits.generated.ts'

/** What the API model says of a shape that a request may hold. `min` and `max` bound length, size or value, by type. */
export type InputShape = {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'blob'
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly values?: readonly string[]
  readonly format?: string
  readonly member?: string
  readonly key?: string
  readonly value?: string
  readonly members?: Readonly<Record<string, string>>
  readonly required?: readonly string[]
  readonly union?: boolean
}

/** A member that is not as it must be. `type`: not even of the right JSON type. */
export type Problem = { readonly path: string; readonly says: string; readonly kind: 'type' | 'constraint' }

/** Beyond that many nobody reads on, and a hostile request costs no more. */
const enough = 25
/** Patterns are only tried on texts of this length: a longer one fails. */
const longestMatched = 4096
/** The model's pattern for keys to remove forbids characters that TagResource accepts: such a tag could never be removed. */
const patternIgnored = new Set(['TagKey'])
/** Years 1 to 9999: what every date library and the database can hold. */
const time = { min: -62_135_596_800, max: 253_402_300_799.999 }

const patterns = new Map<string, RegExp>()

/**
 * A clean copy of `value` as far as the shape knows it (unknown members and nulls left out), and what is wrong with it.
 * Values are those of JSON: timestamps are still numbers or texts.
 */
export function checked(shape: string, value: unknown): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  return { value: check(shape, value, '', problems), problems }
}

function check(name: string, value: unknown, path: string, problems: Problem[]): unknown {
  const shape = shapes[name]
  if (shape === undefined) throw new RangeError(`limits.generated.ts has no shape ${name}`)
  if (problems.length >= enough) return undefined
  const constraint = (says: string): void => void problems.push({ path, says, kind: 'constraint' })
  const typed = <T>(fits: boolean, result: () => T): T | undefined => {
    if (fits) return result()
    problems.push({ path, says: `expected ${words[shape.type]}, got ${kindOf(value)}`, kind: 'type' })
    return undefined
  }
  switch (shape.type) {
    case 'structure':
      return typed(isObject(value), () => structure(shape, value as Record<string, unknown>, path, problems))
    case 'list':
      return typed(Array.isArray(value), () => {
        const items = value as readonly unknown[]
        size(shape, items.length, 'length', constraint)
        return items
          .slice(0, shape.max ?? items.length)
          .flatMap((item, index) => (item === null ? [] : [check(shape.member ?? '', item, `${path}.${index + 1}.member`, problems)]))
      })
    case 'map':
      return typed(isObject(value), () => {
        const entries = Object.entries(value as Record<string, unknown>).filter(([, item]) => item !== null)
        size(shape, entries.length, 'length', constraint)
        return Object.fromEntries(
          entries.map(([key, item]) => {
            check(shape.key ?? '', key, `${path}.key`, problems)
            return [key, check(shape.value ?? '', item, `${path}.${key.slice(0, 128)}.member`, problems)]
          }),
        )
      })
    case 'string':
      return typed(typeof value === 'string', () => text(name, shape, value as string, constraint))
    case 'integer':
    case 'double':
      return typed(shape.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value), () => {
        size(shape, value as number, 'value', constraint)
        return value
      })
    case 'boolean':
      return typed(typeof value === 'boolean', () => value)
    case 'blob':
      return typed(typeof value === 'string', () => value)
    case 'timestamp':
      return typed(typeof value === (shape.format === undefined ? 'number' : 'string'), () => {
        const seconds = typeof value === 'number' ? value : Date.parse(value as string) / 1000
        if (!(seconds >= time.min && seconds <= time.max)) constraint('Member must be a time of the years 1 to 9999')
        return value
      })
  }
}

function structure(shape: InputShape, value: Readonly<Record<string, unknown>>, path: string, problems: Problem[]): object {
  const at = (member: string): string => (path === '' ? member : `${path}.${member}`)
  const present = Object.keys(shape.members ?? {}).filter((member) => Object.hasOwn(value, member) && value[member] != null)
  for (const member of shape.required ?? [])
    if (!present.includes(member)) problems.push({ path: at(member), says: 'Member must not be null', kind: 'constraint' })
  if (shape.union === true && present.length !== 1)
    problems.push({ path, says: 'Member must have exactly one of its members set', kind: 'constraint' })
  return Object.fromEntries(present.map((member) => [member, check(shape.members?.[member] ?? '', value[member], at(member), problems)]))
}

function text(name: string, shape: InputShape, value: string, constraint: (says: string) => void): string {
  // Neither can be stored: PostgreSQL's text has no NUL, and UTF-8 no lone surrogates.
  if (value.includes('\0') || !value.isWellFormed()) constraint('Member must be a valid Unicode text without the character U+0000')
  if (shape.values !== undefined && !shape.values.includes(value))
    constraint(`Member must satisfy enum value set: [${shape.values.join(', ')}]`)
  if (shape.min !== undefined || shape.max !== undefined) size(shape, lengthOf(value, shape.max), 'length', constraint)
  if (shape.pattern !== undefined && !patternIgnored.has(name) && (value.length > longestMatched || !matcher(shape.pattern).test(value)))
    constraint(`Member must satisfy regular expression pattern: ${shape.pattern}`)
  return value
}

function size({ min, max }: InputShape, is: number, what: 'length' | 'value', constraint: (says: string) => void): void {
  if (min !== undefined && is < min) constraint(`Member must have ${what} greater than or equal to ${min}`)
  if (max !== undefined && is > max) constraint(`Member must have ${what} less than or equal to ${max}`)
}

/** Characters, not UTF-16 units; a text that is too long in any case is not counted. */
const lengthOf = (value: string, max = Number.POSITIVE_INFINITY): number =>
  value.length > max * 2 ? value.length : Array.from(value).length

/** The service matches whole values. */
function matcher(pattern: string): RegExp {
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const made = new RegExp(`^(?:${pattern})$`, 'u')
  patterns.set(pattern, made)
  return made
}

const words = {
  structure: 'an object',
  map: 'an object',
  list: 'a list',
  string: 'a string',
  blob: 'a base64 string',
  integer: 'an integer',
  double: 'a number',
  boolean: 'true or false',
  timestamp: 'a time in epoch seconds',
} as const

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
