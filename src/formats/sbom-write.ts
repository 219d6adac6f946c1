import type { SbomFormat, SbomSubject } from '../model/sbom.ts'
import { writeCycloneDx } from './cyclonedx/write.ts'
import { writeSpdx2 } from './spdx/write-2.ts'
import { writeSpdx3 } from './spdx/write-3.ts'

const writers: Readonly<Record<SbomFormat, (subject: SbomSubject) => string>> = {
  'cyclonedx-1.4': (subject) => writeCycloneDx(subject, '1.4'),
  'cyclonedx-1.6': (subject) => writeCycloneDx(subject, '1.6'),
  'cyclonedx-1.7': (subject) => writeCycloneDx(subject, '1.7'),
  'spdx-2.3': writeSpdx2,
  'spdx-3.0': writeSpdx3,
}

/** An inventory as a document for other programs. */
export const writeSbom = (subject: SbomSubject, format: SbomFormat): string => writers[format](subject)
