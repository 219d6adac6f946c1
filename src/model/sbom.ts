import type { Gap, Occurrence, OperatingSystem } from './component.ts'
import type { Resource } from './resource.ts'

/** Formats in which an inventory is written for others. */
export const sbomFormats = ['cyclonedx-1.4', 'cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3', 'spdx-3.0'] as const
export type SbomFormat = (typeof sbomFormats)[number]

/** The format meant where none is named: what most programs read. */
export const usualSbomFormat: SbomFormat = 'cyclonedx-1.6'

/** What a document is to be written about. */
export type SbomSubject = {
  readonly resource: Pick<Resource, 'arn' | 'id' | 'type'>
  readonly occurrences: readonly Occurrence[]
  readonly gaps: readonly Gap[]
  readonly os?: OperatingSystem
  /** Version of OpenInspector. */
  readonly tool: string
  /** ISO time at which the inventory was taken. The same inventory of the same time gives the same text. */
  readonly at: string
}
