import { arch as machineArch } from 'node:os'

/** Where an image runs, as an index says it: `linux`, `arm64`, `v8`. */
export type Platform = { readonly os: string; readonly architecture: string; readonly variant?: string | undefined }

/** This machine's, where it is one that images are made for. */
export const machinePlatform: Platform = { os: 'linux', architecture: machineArch() === 'x64' ? 'amd64' : machineArch() }

const form = /^([a-z0-9]{1,32})\/([a-z0-9]{1,32})(?:\/([a-z0-9]{1,32}))?$/

/** Reads `OS/ARCH[/VARIANT]`; undefined: it is none. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = form.exec(text) ?? []
  return os === undefined || architecture === undefined ? undefined : { os, architecture, variant }
}

/** Whether an image for the one is for the other. */
export const fits = (offer: Platform, wanted: Platform): boolean =>
  offer.os === wanted.os && offer.architecture === wanted.architecture && (wanted.variant === undefined || offer.variant === wanted.variant)

export const platformWords = ({ os, architecture, variant }: Platform): string => [os, architecture, variant].filter(Boolean).join('/')
