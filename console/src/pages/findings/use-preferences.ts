import type { CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { columns } from './table.tsx'
import { pageSizes } from './use-findings.ts'

const key = 'openinspector.findings'
type Display = readonly CollectionPreferencesProps.ContentDisplayItem[]
export type Preferences = {
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

/**
 * How the list is shown: as the address says, so that a link shows others the same, else as this reader likes it, which
 * this browser keeps. Density and wrapping are the reader's alone.
 */
export function usePreferences() {
  const [address, setAddress] = useSearchParams()
  const [own, setOwn] = useState(read)
  const change = (detail: CollectionPreferencesProps.Preferences) => {
    const next: Preferences = {
      pageSize: detail.pageSize ?? standard.pageSize,
      wrapLines: detail.wrapLines ?? standard.wrapLines,
      density: detail.contentDensity ?? standard.density,
      columns: detail.contentDisplay?.filter((item) => 'visible' in item) ?? standard.columns,
    }
    localStorage.setItem(key, JSON.stringify(next))
    setOwn(next)
    setAddress((held) => withPreferences(held, next))
  }
  return [{ ...own, ...saidBy(address) }, change] as const
}

/** The address with the columns shown, in their order, and the page size. */
export function withPreferences(address: URLSearchParams, { pageSize, columns: display }: Preferences): URLSearchParams {
  const next = new URLSearchParams(address)
  next.set('columns', shownIn(display).join(','))
  next.set('size', String(pageSize))
  return next
}

const shownIn = (display: Display): readonly string[] => display.flatMap((item) => ('visible' in item && item.visible ? [item.id] : []))

function saidBy(address: URLSearchParams): Partial<Preferences> {
  const size = pageSizes.find((one) => String(one) === address.get('size'))
  const asked = [...new Set(address.get('columns')?.split(','))].filter((id) => columns.some((column) => column.id === id))
  // The name of a finding is what its row is read by.
  const shown =
    asked.length === 0 || asked.some((id) => columns.some((column) => column.id === id && column.isRowHeader === true))
      ? asked
      : ['vulnerability', ...asked]
  return {
    ...(size !== undefined && { pageSize: size }),
    ...(shown.length > 0 && {
      columns: [
        ...shown.map((id) => ({ id, visible: true })),
        ...columns.filter(({ id }) => !shown.includes(id)).map(({ id }) => ({ id, visible: false })),
      ],
    }),
  }
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
