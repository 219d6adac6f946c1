/** What one column of a COPY may hold; arrays become PostgreSQL text arrays, buffers bytea. */
export type CopyValue = string | number | boolean | null | undefined | Buffer | readonly string[]

/** A row in the text format of COPY (PostgreSQL documentation, COPY, File Formats). */
export function copyLine(row: readonly CopyValue[]): string {
  return `${row.map(textOf).join('\t')}\n`
}

function textOf(value: CopyValue): string {
  if (value === null || value === undefined) return '\\N'
  if (typeof value === 'string') return escaped(value)
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  if (typeof value === 'object') return escaped(`{${value.map(arrayElement).join(',')}}`)
  return String(value)
}

const special = /[\\\t\n\r\0]/
const codes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '' }

/** A NUL cannot be stored in text: it is left out. */
function escaped(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r\0]/g, (character) => codes[character] ?? '') : text
}

const arrayElement = (element: string): string => `"${element.replace(/[\\"]/g, '\\$&')}"`
