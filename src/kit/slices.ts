/** Items handled in one go: some milliseconds of work. */
const SLICE = 2_000

/** A long list in slices; between two of them everything else that waits in this thread has its turn. */
export async function* slices<T>(items: readonly T[]): AsyncIterable<readonly T[]> {
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await breath()
    yield from === 0 && items.length <= SLICE ? items : items.slice(from, from + SLICE)
  }
}

/** In the order of their keys, of equal ones the last; the thread is never held up for longer than a slice takes. Quick where the order is right already. */
export async function sortedInSlices<T>(items: readonly T[], keyOf: (item: T) => string): Promise<readonly T[]> {
  let runs: Keyed<T>[][] = []
  for await (const slice of slices(items)) {
    const run = [...new Map(slice.map((item) => [keyOf(item), item]))].sort(([a], [b]) => (a < b ? -1 : 1))
    const before = runs.at(-1)
    if (before !== undefined && before.at(-1)![0] < run[0]![0]) for (const one of run) before.push(one)
    else runs.push(run)
  }
  while (runs.length > 1) {
    const merged: Keyed<T>[][] = []
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at]!, runs[at + 1] ?? []))
    runs = merged
  }
  return (runs[0] ?? []).map(([, item]) => item)
}

type Keyed<T> = readonly [key: string, item: T]

async function merge<T>(left: readonly Keyed<T>[], right: readonly Keyed<T>[]): Promise<Keyed<T>[]> {
  if (right.length === 0) return [...left]
  const merged: Keyed<T>[] = []
  for (let l = 0, r = 0; l < left.length || r < right.length; ) {
    const [ofLeft, ofRight] = [left[l], right[r]]
    if (ofRight === undefined || (ofLeft !== undefined && ofLeft[0] < ofRight[0])) merged.push(left[l++]!)
    else {
      if (ofLeft?.[0] === ofRight[0]) l++
      merged.push(right[r++]!)
    }
    if (merged.length % SLICE === 0) await breath()
  }
  return merged
}

const breath = () => new Promise<void>((done) => setImmediate(done))
