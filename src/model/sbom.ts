/** Formats in which an inventory is written for others. */
export const sbomFormats = ['cyclonedx-1.4', 'cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3', 'spdx-3.0'] as const
export type SbomFormat = (typeof sbomFormats)[number]

/** The format meant where none is named: what most programs read. */
export const usualSbomFormat: SbomFormat = 'cyclonedx-1.6'
