/** A key of a registry export with its values that are text or a number. Names of values are in lower case: Windows does not tell them apart. */
export type RegistryKey = { readonly path: string; readonly values: ReadonlyMap<string, string | number> }

/** Characters of one value, its continued lines together. */
const LONGEST = 1 << 16

/** The first bytes of an export: of version 5 in UTF-16, of version 4 in the code page of the machine. */
export function startsAsExport(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2).startsWith('Windows Registry Editor Version 5.00')
  return /^(?:\xef\xbb\xbf)?(?:REGEDIT4|Windows Registry Editor Version 5\.00)[\r\n]/.test(bytes.toString('latin1', 0, 64))
}

/** Of version 5 without UTF-16 (as editors save it) UTF-8; the code page of version 4 is not told, so that only its ASCII is sure. */
export function exportText(bytes: Uint8Array): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes)
}

/**
 * Keys and values of an export (learn.microsoft.com, "How to add, modify, or delete registry subkeys and values by using a .reg file"):
 * a key in brackets, and a value a line, of which `hex` goes on behind a backslash. Keys that are deleted are left out.
 */
export function* registryKeys(text: string, onBroken: (line: number) => void): Generator<RegistryKey> {
  let key: { readonly path: string; readonly values: Map<string, string | number> } | undefined
  const lines = text.split(/\r\n|\n|\r/)
  for (let at = 1; at < lines.length; at++) {
    const begin = at
    let line = lines[at] ?? ''
    if (/^(?:"|@).{0,400}=hex/.test(line) && line.endsWith('\\')) {
      const parts: string[] = []
      let length = 0
      for (; at < lines.length && lines[at]?.endsWith('\\'); at++) {
        const part = (lines[at] ?? '').slice(0, -1).trimStart()
        length += part.length
        if (length <= LONGEST) parts.push(part)
      }
      line = [...parts, (lines[at] ?? '').trimStart()].join('')
    }
    const path = /^\[(-?)(.+)\]\s*$/.exec(line)
    if (path !== null) {
      if (key !== undefined) yield key
      key = path[1] === '-' ? undefined : { path: path[2] ?? '', values: new Map() }
    } else if (line.startsWith('"')) {
      const value = valueOf(line)
      if (value === undefined) onBroken(begin + 1)
      else if (value.content !== undefined) key?.values.set(value.name, value.content)
    } else if (line.trim() !== '' && !/^(?:@|;)/.test(line)) onBroken(begin + 1)
  }
  if (key !== undefined) yield key
}

type Value = { readonly name: string; readonly content: string | number | undefined }

/** `"name"="text"`, `=dword:hex`, `=hex(1):` or `hex(2):` of text in UTF-16; other kinds have no content that is ours. */
function valueOf(line: string): Value | undefined {
  const name = quotedAt(line, 0)
  if (name === undefined || line[name.end] !== '=') return undefined
  const rest = line.slice(name.end + 1)
  const told = (content: string | number | undefined): Value => ({ name: name.text.toLowerCase(), content })
  if (rest.startsWith('"')) {
    const text = quotedAt(rest, 0)
    return text && told(text.text)
  }
  const [, number] = /^dword:([0-9a-f]{1,8})\s*$/i.exec(rest) ?? []
  if (number !== undefined) return told(Number.parseInt(number, 16))
  const [, hex] = /^hex\([12]\):([0-9a-f,\s]*)$/i.exec(rest) ?? []
  if (hex !== undefined) return told(Buffer.from(hex.replaceAll(/[,\s]/g, ''), 'hex').toString('utf16le').replace(/\0+$/, ''))
  return /^(?:hex|-)/i.test(rest) ? told(undefined) : undefined
}

/** A text in quotes, in which a backslash stands before quotes and backslashes. */
function quotedAt(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = ''
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at]
    if (character === '"') return { text, end: at + 1 }
    text += character === '\\' ? (line[++at] ?? '') : character
  }
  return undefined
}
