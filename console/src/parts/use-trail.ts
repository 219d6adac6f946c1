import { useState } from 'react'

type Place = { readonly list: string; readonly trail: readonly (string | undefined)[]; readonly page: number }

/**
 * Where the reader is in a list that is read by key: the trail holds the key at which each page seen so far began. `list`
 * names the list; another one starts at its first page.
 */
export function useTrail(list: string) {
  const [held, setHeld] = useState<Place>({ list, trail: [undefined], page: 0 })
  const { trail, page } = held.list === list ? held : { trail: [undefined], page: 0 }
  return {
    /** From 0. */
    page,
    /** Key to read the present page with. */
    after: trail[page],
    /** Pages one can go to: those seen, and the one behind the present page's `next`. */
    pages: (next: string | undefined) => Math.max(trail.length, next === undefined ? page + 1 : page + 2),
    goTo: (target: number, next: string | undefined) => {
      const known = target < trail.length || next === undefined ? trail : [...trail.slice(0, page + 1), next]
      setHeld({ list, trail: known, page: Math.min(target, known.length - 1) })
    },
  }
}
