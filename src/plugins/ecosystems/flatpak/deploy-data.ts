/** What flatpak writes down of what it deployed. */
export type DeployData = {
  /** The remote it came from. */
  readonly origin: string
  readonly commit: string
  /** Of a text in its dictionary, if there is one. */
  text(key: string): string | undefined
}

/** Keys and texts longer than this are none of ours. */
const LONGEST = 400

/**
 * The file `deploy`, a GVariant of the type `(ssasta{sv})` ("GVariant Serialization"): two texts that end in NUL, and a dictionary whose
 * entries begin at multiples of eight. undefined: it does not begin so.
 */
export function readDeployData(content: Uint8Array): DeployData | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const origin = textAt(bytes, 0)
  const commit = origin === undefined ? undefined : textAt(bytes, Buffer.byteLength(origin) + 1)
  if (origin === undefined || commit === undefined || !/^[0-9a-f]{64}$/.test(commit)) return undefined
  return { origin, commit, text: (key) => inDictionary(bytes, key) }
}

/** Key, NUL, up to a multiple of eight; text, NUL, and behind another one its type. */
function inDictionary(bytes: Buffer, key: string): string | undefined {
  const wanted = `${key}\0`
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) {
    if (at % 8 !== 0) continue
    const start = Math.ceil((at + wanted.length) / 8) * 8
    const text = textAt(bytes, start)
    const end = start + Buffer.byteLength(text ?? '')
    return text !== undefined && bytes[end + 1] === 0 && bytes[end + 2] === 0x73 ? text : undefined
  }
  return undefined
}

function textAt(bytes: Buffer, start: number): string | undefined {
  const end = bytes.subarray(start, start + LONGEST).indexOf(0)
  if (end === -1) return undefined
  const text = bytes.toString('utf8', start, start + end)
  // what is not UTF-8 has another length as text
  return Buffer.byteLength(text) === end ? text : undefined
}
