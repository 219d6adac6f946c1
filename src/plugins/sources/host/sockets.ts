import type { ListeningSocket } from '../../../model/resource.ts'

type Socket = ListeningSocket & { readonly inode: string }

/** States that accept what comes (include/net/tcp_states.h): TCP_LISTEN; a UDP socket without a peer is TCP_CLOSE. */
const accepting = { tcp: '0A', udp: '07' }

/** Listening sockets of one of `/proc/net/{tcp,tcp6,udp,udp6}` (proc_net_tcp(5)). */
export function parseSockets(text: string, protocol: 'tcp' | 'udp'): readonly Socket[] {
  return text.split('\n').flatMap((line) => {
    const [, here, there, state, , , , , , inode] = line.trim().split(/\s+/)
    if (here === undefined || inode === undefined || state !== accepting[protocol]) return []
    if (protocol === 'udp' && !/^0+:0+$/.test(there ?? '')) return []
    const [address, port] = here.split(':')
    const readable = addressOf(address ?? '')
    return readable === undefined ? [] : [{ protocol, address: readable, port: Number.parseInt(port ?? '', 16), inode }]
  })
}

/** The kernel prints each 32-bit word in the machine's own byte order: little-endian on all that we run on. */
function addressOf(hex: string): string | undefined {
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(hex)) return undefined
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  return shortened(groups)
}

/** RFC 5952, section 4.2: the longest run of two or more zero groups, the first of equals, becomes `::`. */
function shortened(groups: readonly string[]): string {
  let best = { from: 0, length: 1 }
  for (let from = 0; from < groups.length; from++) {
    let length = 0
    while (groups[from + length] === '0') length++
    if (length > best.length) best = { from, length }
  }
  if (best.length < 2) return groups.join(':')
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`
}
