import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import { useState } from 'react'
import { columns } from './table.tsx'
import { pageSizes } from './use-findings.ts'

const key = 'openinspector.findings'
type Display = readonly CollectionPreferencesProps.ContentDisplayItem[]
type Preferences = {
  readonly pageSize: number
  readonly wrapLines: boolean
  readonly density: 'comfortable' | 'compact'
  readonly columns: Display
}

const standard: Preferences = {
  pageSize: 25,
  wrapLines: true,
  density: 'comfortable',
  columns: columns.map(({ id, hidden }) => ({ id, visible: hidden !== true })),
}

/** How this reader likes the list, kept in this browser. What the list holds is in the address, not here. */
export function usePreferences() {
  const [preferences, setPreferences] = useState(read)
  const change = (detail: CollectionPreferencesProps.Preferences) => {
    const next: Preferences = {
      pageSize: detail.pageSize ?? standard.pageSize,
      wrapLines: detail.wrapLines ?? standard.wrapLines,
      density: detail.contentDensity ?? standard.density,
      columns: detail.contentDisplay?.filter((item) => 'visible' in item) ?? standard.columns,
    }
    localStorage.setItem(key, JSON.stringify(next))
    setPreferences(next)
  }
  return [preferences, change] as const
}

/** What an older version kept may name columns that are gone, or know nothing of new ones. */
function read(): Preferences {
  try {
    const held = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>
    const known = (held.columns ?? []).filter((shown) => 'id' in shown && columns.some(({ id }) => id === shown.id))
    return {
      pageSize: pageSizes.find((size) => size === held.pageSize) ?? standard.pageSize,
      wrapLines: held.wrapLines ?? standard.wrapLines,
      density: held.density === 'compact' ? 'compact' : 'comfortable',
      columns: [...known, ...standard.columns.filter(({ id }) => !known.some((shown) => shown.id === id))],
    }
  } catch {
    return standard
  }
}
