import { useSyncExternalStore } from 'react'

const print = window.matchMedia('print')

/** True while the page is laid out for paper. */
export const usePrinting = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      print.addEventListener('change', listener)
      return () => print.removeEventListener('change', listener)
    },
    () => print.matches,
  )
