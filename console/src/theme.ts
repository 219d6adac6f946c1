import { applyMode, Mode } from '@cloudscape-design/global-styles'
import { useSyncExternalStore } from 'react'

const key = 'openinspector.theme'
const preferred = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

/** The reader's choice, or else what the system prefers. */
function isDark(): boolean {
  const chosen = localStorage.getItem(key)
  return chosen === null ? preferred.matches : chosen === 'dark'
}

function apply(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light)
  for (const listener of listeners) listener()
}

/** Before the first paint, so that nothing flashes. */
export function startTheme(): void {
  apply()
  preferred.addEventListener('change', apply)
}

export function toggleTheme(): void {
  localStorage.setItem(key, isDark() ? 'light' : 'dark')
  apply()
}

export function useDark(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, isDark)
}
