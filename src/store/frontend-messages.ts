/** Types of PostgreSQL frontend messages we look at (PostgreSQL protocol 3.0, message formats). */
export const frontend = { query: 0x51, sync: 0x53, flush: 0x48, terminate: 0x58, copyDone: 0x63, copyFail: 0x66 } as const

export type FrontendMessage =
  | { readonly is: 'startup'; readonly code: number; readonly bytes: Buffer }
  | { readonly is: 'message'; readonly type: number; readonly bytes: Buffer }

/** Cuts the byte stream of one client into whole messages; bytes of an unfinished one wait for the next chunk. */
export class MessageCutter {
  private parts: Buffer[] = []
  private have = 0
  private need = 8
  private started = false

  /** Messages completed by this chunk, in order. */
  push(chunk: Buffer): FrontendMessage[] {
    this.parts.push(chunk)
    this.have += chunk.length
    if (this.have < this.need) return []
    const buffer = this.parts.length === 1 ? chunk : Buffer.concat(this.parts)
    const messages: FrontendMessage[] = []
    let at = 0
    for (;;) {
      const left = buffer.length - at
      const size = this.sizeAt(buffer, at, left)
      if (left < size) {
        this.need = size
        break
      }
      const bytes = buffer.subarray(at, at + size)
      at += size
      messages.push(this.read(bytes))
    }
    this.parts = at < buffer.length ? [buffer.subarray(at)] : []
    this.have = buffer.length - at
    return messages
  }

  private sizeAt(buffer: Buffer, at: number, left: number): number {
    if (this.started) return left < 5 ? 5 : 1 + buffer.readInt32BE(at + 1)
    return left < 8 ? 8 : buffer.readInt32BE(at)
  }

  private read(bytes: Buffer): FrontendMessage {
    if (this.started) return { is: 'message', type: bytes[0] ?? 0, bytes }
    const code = bytes.readInt32BE(4)
    // SSLRequest, GSSENCRequest and CancelRequest come before the startup message proper.
    if (code >> 16 !== 1234) this.started = true
    return { is: 'startup', code, bytes }
  }
}

/** Codes in place of a protocol version in the first message. */
export const startupCode = { ssl: 80877103, gss: 80877104, cancel: 80877102 } as const
