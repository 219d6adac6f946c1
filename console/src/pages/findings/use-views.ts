import { useState } from 'react'

const key = 'openinspector.views'
/** A list under a name of its own: `search` is the whole question of its address. */
export type View = { readonly name: string; readonly search: string }

/** Named views, kept in this browser. Whoever else should see one is given its address. */
export function useViews() {
  const [views, setViews] = useState(read)
  const keep = (next: readonly View[]) => {
    localStorage.setItem(key, JSON.stringify(next))
    setViews(next)
  }
  return {
    views,
    save: (view: View) => keep([...views.filter(({ name }) => name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name))),
    remove: (name: string) => keep(views.filter((view) => view.name !== name)),
  }
}

function read(): readonly View[] {
  try {
    const held = JSON.parse(localStorage.getItem(key) ?? '[]') as readonly Partial<View>[]
    return held.flatMap(({ name, search }) => (typeof name === 'string' && typeof search === 'string' ? [{ name, search }] : []))
  } catch {
    return []
  }
}
