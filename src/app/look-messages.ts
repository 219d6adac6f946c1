import type { Gap, Occurrence, OperatingSystem } from '../model/component.ts'
import type { Resource } from '../model/resource.ts'
import type { Limits } from '../kit/limits.ts'
import type { LeftOut } from '../core/extraction/index.ts'
import type { SentError } from './sent-error.ts'

/** A target that was found: its text as it was understood, the resource it is, and what to watch for changes. */
export type Opened = { readonly target: string; readonly collector: string; readonly resource: Resource; readonly watch: readonly string[] }

/** What a target that stands for several was found to stand for; each with the resource it is, or why it could not be opened. */
export type Listed = { readonly watch: readonly string[]; readonly members: readonly Member[] }
export type Member = { readonly opened: Opened } | { readonly target: string; readonly error: SentError }

/** What the process that looks is told. */
export type LookAsk = {
  readonly target: string
  /** Only what it stands for is asked. */
  readonly list?: true
  readonly account: string
  readonly region: string
  readonly exclude: readonly string[]
  /** Folder of the cache of image layers. */
  readonly layers: string
  readonly leftOut: readonly LeftOut[]
  readonly limits: Limits
  /** File in which it writes down what it reads right now. */
  readonly note: string
}

/** What it answers: `opened`, then `seen` and the occurrences in slices, each but the first when it is asked for `more`; or `listed`; or `failed` in place of any. */
export type LookAnswer =
  | { readonly is: 'opened'; readonly opened: Opened }
  | {
      readonly is: 'seen'
      /** The resource with what its inventory taught of it. */
      readonly resource: Resource
      readonly gaps: readonly Gap[]
      readonly os?: OperatingSystem
      readonly occurrences: number
    }
  | { readonly is: 'some'; readonly rows: readonly Occurrence[] }
  | { readonly is: 'listed'; readonly listed: Listed }
  | { readonly is: 'failed'; readonly error: SentError }
