import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, resolve } from 'node:path'
import { readSbom } from '../../../formats/sbom.ts'
import { readBoundedFile } from '../../../kit/bounded-file.ts'
import { limits } from '../../../kit/limits.ts'
import { AppError } from '../../../model/errors.ts'
import type { ResourceType } from '../../../model/resource.ts'
import type { ResourceSource } from '../../../model/seams.ts'

/** What somebody else listed: CycloneDX or SPDX in a file. */
export const sbom = {
  id: 'sbom',
  version: 2,
  title: 'SBOM',
  targets: ['sbom'],
  async open({ value }, { account, region, reader = (_, read) => read() }) {
    const path = await realpath(value).catch(() => undefined)
    if (path === undefined) throw new AppError('missing', `sbom: there is nothing readable at ${resolve(value)}`)
    const text = (await readBoundedFile(path, limits.sbomBytes)).toString('utf8')
    const content = await reader({ extractor: 'sbom', path: basename(path) }, () => readSbom(text, basename(path)))
    const machine = hostname()
    const { subject, occurrences, gaps, os, vex } = content
    return {
      resource: {
        arn: `urn:openinspector:sbom:${encodeURIComponent(machine)}:${path.split('/').map(encodeURIComponent).join('/')}`,
        id: subject?.name.slice(0, 512) ?? path,
        type: typeOf(subject?.type),
        account,
        region,
        tags: {},
        facts: { path, ...(os && { os }), ...(vex && { vex }) },
      },
      watch: [path],
      collect: async () => ({ is: 'components', occurrences, gaps, ...(os && { os }) }),
    }
  },
} satisfies ResourceSource

/** By what the document says it is about. */
function typeOf(subject: string | undefined): ResourceType {
  if (subject === 'container') return 'OPENINSPECTOR_CONTAINER_IMAGE'
  return subject === 'device' || subject === 'operating-system' ? 'OPENINSPECTOR_HOST' : 'OPENINSPECTOR_DIRECTORY'
}
