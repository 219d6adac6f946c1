import { AppError } from '../../model/errors.ts'

/** What LVM's own text says: sections of named values. */
export type LvmValue = string | number | readonly (string | number)[] | LvmSection
export type LvmSection = ReadonlyMap<string, LvmValue>

/** Sections inside sections; real ones are four deep. */
const DEPTH = 16
const token = /(?:\s|#[^\n]*(?:\n|$))*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z0-9_.+-]+)|([{}[\]=,]))/y

type Token = { readonly text: string } | { readonly word: string } | { readonly sign: string } | undefined

/** Reads the text in which LVM2 keeps what it knows of a volume group. Throws AppError `invalid` where it is none. */
export function parseLvmText(source: string): LvmSection {
  let at = 0
  const next = (): Token => {
    token.lastIndex = at
    const found = token.exec(source)
    if (found === null) {
      if (/^(?:\s|#[^\n]*(?:\n|$)|\0)*$/.test(source.slice(at, at + 4096))) return undefined
      throw damaged(at, 'something else')
    }
    at = token.lastIndex
    const [, text, word, sign] = found
    return text !== undefined ? { text: text.replace(/\\(.)/gs, '$1') } : word !== undefined ? { word } : { sign: sign! }
  }
  const scalar = (one: Token): string | number => {
    if (one !== undefined && 'text' in one) return one.text
    if (one !== undefined && 'word' in one && /^-?\d+(?:\.\d+)?$/.test(one.word)) return Number(one.word)
    throw damaged(at, 'no value')
  }
  const list = (): readonly (string | number)[] => {
    const values: (string | number)[] = []
    for (let one = next(); !is(one, ']'); one = next()) if (!is(one, ',')) values.push(scalar(one))
    return values
  }
  const section = (depth: number): LvmSection => {
    const values = new Map<string, LvmValue>()
    if (depth > DEPTH) throw damaged(at, `sections more than ${DEPTH} deep`)
    for (let name = next(); !is(name, '}'); name = next()) {
      if (name === undefined && depth === 0) return values
      if (name === undefined || !('word' in name)) throw damaged(at, 'no name')
      const then = next()
      if (is(then, '{')) values.set(name.word, section(depth + 1))
      else if (is(then, '=')) {
        const value = next()
        values.set(name.word, is(value, '[') ? list() : scalar(value))
      } else throw damaged(at, 'neither a section nor a value')
    }
    if (depth === 0) throw damaged(at, 'an end of no section')
    return values
  }
  return section(0)
}

const is = (one: Token, sign: string): boolean => one !== undefined && 'sign' in one && one.sign === sign

const damaged = (at: number, what: string) =>
  new AppError('invalid', `the text of a volume group is not as expected: ${what} at character ${at}`)
