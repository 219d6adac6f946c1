import { useSyncExternalStore } from 'react'
import type { FeedState } from '../api/types.ts'

const units = [
  { unit: 'year', seconds: 31_536_000 },
  { unit: 'month', seconds: 2_592_000 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** How long ago, in words that keep themselves current; the exact time in the reader's zone on hover. */
export function Age({ time }: { readonly time: string | undefined }) {
  const now = useNow()
  if (time === undefined) return <>never</>
  return (
    <time dateTime={time} title={exact.format(new Date(time))}>
      {ageInWords(time, now)}
    </time>
  )
}

/** How old what a feed brought is, where its publisher dates it. */
export function ContentAge({ feed: { loadedAt, publishedAt } }: { readonly feed: FeedState }) {
  if (loadedAt !== undefined && publishedAt === undefined) return <>unknown</>
  return <Age time={publishedAt} />
}

/** `3 hours ago`. Both ends of less than a minute are `just now`. */
export function ageInWords(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000
  const fits = units.find((one) => Math.abs(seconds) >= one.seconds)
  return fits === undefined ? 'just now' : relative.format(Math.round(seconds / fits.seconds), fits.unit)
}

let current = Date.now()
const listeners = new Set<() => void>()
let timer: number | undefined

function useNow(): number {
  return useSyncExternalStore(subscribe, () => current)
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) current = Date.now()
  listeners.add(listener)
  timer ??= window.setInterval(() => {
    current = Date.now()
    for (const told of listeners) told()
  }, 30_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}
