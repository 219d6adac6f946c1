import type { OperatingSystem } from '../../model/component.ts'
import { endOfLife } from './lifecycle.ts'

/** Whether a release still gets security updates. `unknown` must never look like `supported`. */
export type Support = {
  readonly state: 'supported' | 'ended' | 'unknown'
  /** ISO day of its last security updates; absent where releases do not end, or nobody here knows. */
  readonly until?: string
}

/** Distributions without releases: what is current always gets updates. */
const rolling: ReadonlySet<string> = new Set(['arch', 'chainguard', 'gentoo', 'opensuse-tumbleweed', 'void', 'wolfi'])

/** `day` is today, as ISO. */
export function supportOf(os: OperatingSystem, day: string): Support {
  const until = endOfLife(os)
  if (until !== undefined) return { state: until < day ? 'ended' : 'supported', until }
  return { state: rolling.has(os.id) ? 'supported' : 'unknown' }
}

/** Why a system cannot be trusted although it was judged; undefined: it can. */
export function supportWords(os: OperatingSystem, { state, until }: Support): string | undefined {
  if (state === 'supported') return undefined
  const name = systemName(os)
  if (state === 'ended')
    return `${name} got its last security updates on ${until}: later weaknesses are not fixed, nor told by its advisories. A newer release clears this.`
  return `Until when ${name} gets security updates is not known here: whether later weaknesses are told is unknown.`
}

/** As it calls itself, or by its id and version. */
export const systemName = ({ name, id, version }: OperatingSystem): string => name ?? [id, version].filter(Boolean).join(' ')
