/** What the thread that fuzzes is told. */
export type FuzzOrder = {
  readonly id: string
  readonly seed: number
  /** Time to stop, in milliseconds since 1970. */
  readonly until: number
  readonly pool: readonly Uint8Array[]
  /** Runs done by threads before it. */
  readonly counts: number
  /** Number of the run and length of its input, 4 bytes each, then the input: seen from outside when a run does not end. */
  readonly current: SharedArrayBuffer
}

/** What it tells. */
export type FuzzTold =
  | { readonly is: 'kept'; readonly input: Uint8Array; readonly runs: number }
  | { readonly is: 'fault'; readonly fault: string; readonly input: Uint8Array }
  | { readonly is: 'done'; readonly runs: number /** For the corpus. */; readonly added: readonly Uint8Array[] }
