/** A JSON object, and nothing else that is called an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a text that may begin with a byte order mark. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ''))
}

/** A member that is text and not empty. */
export function textOf(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = record[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The names of a member that is an object; none where it is something else. */
export function namesIn(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : []
}
