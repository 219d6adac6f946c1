import type { Component, Gap, Occurrence, OperatingSystem } from './component.ts'
import type { Resource } from './resource.ts'
import type { Knowledge } from './advisory.ts'

/** What every unit says about itself. Raise `version` when its output changes: stored results are then redone. */
export interface Plugin {
  readonly id: string
  readonly version: number
  readonly title: string
}

/** An entry of a tree, before its content is read. `mode` holds permission bits only; links and devices are never offered. */
export type FileEntry = { readonly path: string; readonly size: number; readonly mode: number }

/** A file's content, bounded: each reader throws AppError `invalid` past the limit of its tree. */
export interface ScanFile extends FileEntry {
  bytes(): Promise<Uint8Array>
  /** `length` bytes from `offset`, fewer where the file ends earlier. Of a file of any size, and no more than these are read. */
  range(offset: number, length: number): Promise<Uint8Array>
  /** UTF-8; bytes that are not UTF-8 become U+FFFD. */
  text(): Promise<string>
}

/** Files below one root. Paths are relative, `/`-separated; a link that leaves the root is not followed, nor listed. */
export interface FileTree {
  /** Regular files, in a stable order. What could not be listed is told to `onGap`. */
  entries(onGap: (gap: { readonly path: string; readonly reason: string }) => void): AsyncIterable<FileEntry>
  /** Links inside the root are followed. undefined: no such regular file. */
  open(path: string): Promise<ScanFile | undefined>
}

/** One layer of an image, oldest first. */
export interface Layer {
  /** Digest of the uncompressed content, `sha256:<hex>`: the same wherever and however the layer is packed. */
  readonly diffId: string
  /** Digest of the blob as stored. */
  readonly digest?: string
  /** The uncompressed tar. Ends with an error when the content does not have the digests it claims. */
  open(): Promise<AsyncIterable<Uint8Array>>
  /** Makes sure, as cheaply as it can, that the content has its digests; rejects when not. Asked when the content itself is not needed. */
  verify(): Promise<void>
}

/** Keeps what is costly to make. A value may be gone at any time; one that is there is whole. */
export interface Cache {
  get(key: string): Promise<Uint8Array | undefined>
  set(key: string, value: Uint8Array): Promise<void>
}

/** What an extractor made of one file. */
export type Extracted = {
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  /** The operating system this file declares. */
  readonly os?: OperatingSystem
  /** Files that operating system packages own: package name and its paths, without a leading slash. */
  readonly owned?: readonly { readonly owner: string; readonly paths: readonly string[] }[]
  /** The file is machine code. A program is counted as unknown where nothing tells what it is and no package owns it. */
  readonly program?: 'program' | 'library'
  /** What lies in the file's folder and below, or in these folders, belongs to what the file tells: the programs of a runtime, say. */
  readonly covers?: true | readonly string[]
}

/** Reads one kind of file. */
export interface Extractor extends Plugin {
  /** Base names of the files it may want: whole (`go.mod`), or their last extension behind a star (`*.toml`). Absent: any. */
  readonly names?: readonly string[]
  /** Called for every entry of a tree with one of its names: cheap tests only, no I/O. */
  wants(entry: FileEntry): boolean
  /** For kinds that no name tells: whether the first bytes (512, or all of a smaller file) are those of its kind. Nothing else is read of others. */
  starts?(head: Uint8Array): boolean
  /**
   * It looks at nothing beside its file, and makes the same of the same content under any path that it wants: the content is read
   * as it comes by and let go, and may be larger than what can be held. `near` then opens nothing.
   */
  readonly alone?: true
  /** `near` opens neighbours inside the same tree or, in an image, the same layer. May throw: that becomes a gap. */
  read(file: ScanFile, near: Pick<FileTree, 'open'>): Promise<Extracted>
}

/** What to look up among the advisories for a component: OSV ecosystem, package name there, and the version to compare. */
export type AdvisoryKey = { readonly ecosystem: string; readonly name: string; readonly version: string }

/** One family of packages: how it is found, and by whose advisories it is judged. */
export interface Ecosystem extends Plugin {
  readonly purlTypes: readonly string[]
  /** Id of the version scheme its advisories are written in. */
  readonly scheme: string
  readonly extractors: readonly Extractor[]
  /** OSV ecosystem families this unit can judge, without release: `Debian`, `npm`. */
  readonly families: readonly string[]
  /** undefined: nobody publishes advisories for this component (an unknown release, say): it stays unknown. */
  advisoryKey(component: Component): AdvisoryKey | undefined
}

/** How versions of one kind are ordered. */
export interface VersionScheme extends Plugin {
  /** Native order of two versions; undefined when either is not a version of this scheme. Never throws. */
  compare(left: string, right: string): -1 | 0 | 1 | undefined
  /** Names of OSV ecosystems, in lower case, by which people may also call this scheme. */
  readonly names: readonly string[]
}

/** What a source collected from a resource. */
export type Collected =
  | { readonly is: 'files'; readonly tree: FileTree }
  | { readonly is: 'layers'; readonly layers: readonly Layer[]; readonly gaps: readonly Gap[] }
  | { readonly is: 'components'; readonly occurrences: readonly Occurrence[]; readonly gaps: readonly Gap[]; readonly os?: OperatingSystem }

/** Where resources come from. A target is what a person types after the scheme: `dir:PATH`, `image:PATH`, `host`. */
export interface ResourceSource extends Plugin {
  /** Prefix of the targets it takes: `host`, `dir`, `rootfs`, `disk`, `image`, `sbom`. */
  readonly targets: readonly string[]
  /** Looks at the target: identity and facts. Throws AppError `missing` or `invalid` in words for a person. */
  open(target: { readonly scheme: string; readonly value: string }, scope: SourceScope): Promise<SourcedResource>
  /** For sources that have targets which stand for several resources: every platform of an image, every image of a store. */
  readonly several?: Several
}
/** Targets that stand for several resources. They are not opened, but those that they list. */
export interface Several {
  /** Whether a target is of these, by its text alone. */
  has(value: string): boolean
  /** Values of the targets it stands for just now, in a stable order, each for one resource. Throws as `open` does. */
  list(value: string, scope: SourceScope): Promise<Listing>
}
export type Listing = {
  readonly values: readonly string[]
  /** Files and folders whose change means that there may be others. */
  readonly watch?: readonly string[]
}
export type SourceScope = {
  readonly account: string
  readonly region: string
  /** Remembers which archives were read and found whole, so that they need not be read again. */
  readonly cache?: Cache
  /** Absolute paths of folders that are ours and not the resource's: the data folder. */
  readonly exclude?: readonly string[]
  /** What the environment of this process says; sources that log in somewhere find there by what name. Never kept, never shown. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
  /** Runs what parses a document as a whole while it is opened, under the limits of a reading: it may take time or memory without end. */
  readonly reader?: <T>(reading: { readonly extractor: string; readonly path: string }, read: () => Promise<T>) => Promise<T>
}
export interface SourcedResource {
  readonly resource: Resource
  collect(): Promise<Collected>
  /** Files and folders whose change means that a new look is due. */
  readonly watch?: readonly string[]
  close?(): Promise<void>
}

/** Bounded HTTP and file access for feeds, made by kit. Addresses are `https:`, `http:` or `file:` URLs. */
export interface Http {
  /**
   * GET with conditional headers. `unchanged` on 304 (or, for a file, same size and time). Throws AppError `upstream`
   * for anything but success, with status and address. The body is written to a temporary file, bounded.
   */
  get(url: string, known?: { readonly etag?: string; readonly lastModified?: string }): Promise<'unchanged' | 'missing' | Download>
  /** File names a folder offers, sorted: of a `file:` folder, or those a web server's index page links to. Empty: none, or it does not tell. */
  list(url: string): Promise<readonly string[]>
}
export type Download = {
  readonly path: string
  readonly bytes: number
  readonly etag?: string
  readonly lastModified?: string
  readonly sha256: string
  dispose(): Promise<void>
}

/** What a fetch brought. */
export type FeedSnapshot = {
  /** 'full' replaces what was held; what it no longer names has vanished. */
  readonly is: 'full' | 'delta'
  readonly files: readonly Download[]
  /** To hand back to the next fetch. */
  readonly cursor: string
  /** ISO time the publisher gives to the newest content, where known. */
  readonly publishedAt?: string
  /** For a delta: ids that are gone. */
  readonly gone?: readonly string[]
}

/** Where to fetch, and what of it. `base` replaces the public address by a mirror with the same layout. */
export type FeedScope = { readonly base?: string; readonly ecosystem?: string }

/** A source of knowledge. */
export interface KnowledgeFeed extends Plugin {
  /** One instance for each OSV ecosystem in use (`osv/Debian`), or a single one. */
  readonly per: 'ecosystem' | 'all'
  readonly teaches: 'advisory' | 'exploit' | 'probability'
  /** Hours after which what it taught counts as stale. */
  readonly staleAfterHours: number
  /** Network, no parsing. */
  fetch(scope: FeedScope, cursor: string | undefined, http: Http): Promise<FeedSnapshot | 'unchanged'>
  /** Parsing, no network. Throws when the snapshot as a whole is truncated or not what it should be. */
  parse(snapshot: FeedSnapshot): AsyncIterable<Knowledge>
}
