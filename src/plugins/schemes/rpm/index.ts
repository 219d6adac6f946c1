import { compareRpm } from '../../../formats/rpm-version.ts'
import type { VersionScheme } from '../../../model/seams.ts'

/** Versions of rpm packages, `[epoch:]version[-release]`, ordered as rpm orders them. */
export const rpm = {
  id: 'rpm',
  version: 1,
  title: 'RPM package versions',
  names: [
    ...['red hat', 'almalinux', 'rocky linux', 'fedora', 'amazon linux', 'oracle linux', 'centos', 'suse', 'opensuse'],
    ...['photon os', 'azure linux', 'mageia', 'openeuler', 'openela'],
  ],
  compare: compareRpm,
} satisfies VersionScheme
