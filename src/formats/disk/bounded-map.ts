/** A map of what can be had again: past `most` the entry that was not asked for longest makes room. */
export type BoundedMap<K, V> = { get(key: K): V | undefined; set(key: K, value: V): void; delete(key: K): void }

/** `weigh` says how much of `most` an entry takes; by default every entry is 1. */
export function boundedMap<K, V>(most: number, weigh: (value: V) => number = () => 1): BoundedMap<K, V> {
  const held = new Map<K, V>()
  let weight = 0
  const remove = (key: K) => {
    const value = held.get(key)
    if (value === undefined || !held.delete(key)) return
    weight -= weigh(value)
  }
  return {
    get(key) {
      const value = held.get(key)
      if (value === undefined) return undefined
      held.delete(key)
      held.set(key, value)
      return value
    },
    set(key, value) {
      remove(key)
      held.set(key, value)
      weight += weigh(value)
      for (const oldest of held.keys()) {
        if (weight <= most || oldest === key) break
        remove(oldest)
      }
    },
    delete: remove,
  }
}
