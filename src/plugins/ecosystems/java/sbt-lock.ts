import * as z from 'zod'
import { parseJson } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { javaComponent } from './component.ts'

const SbtLock = z.object({
  lockVersion: z.literal(1),
  dependencies: z.array(
    z.object({
      org: z.string(),
      name: z.string(),
      version: z.string(),
      configurations: z.array(z.string()).default([]),
      artifacts: z.array(z.object({ hash: z.string().optional() })).default([]),
    }),
  ),
})

/** Locks of sbt, as the plug-in sbt-dependency-lock writes them (lock version 1). */
export const sbtLock = {
  id: 'java/sbt-lock',
  version: 1,
  title: 'sbt lock files',
  alone: true,
  names: ['build.sbt.lock'],
  wants: ({ path }) => path === 'build.sbt.lock' || path.endsWith('/build.sbt.lock'),
  async read(file) {
    const lock = SbtLock.safeParse(parseJson(await file.text()))
    if (!lock.success) return { occurrences: [], gaps: gapsOf(this.id, file.path, [z.prettifyError(lock.error).slice(0, 500)]) }
    const occurrences: Occurrence[] = []
    const problems: string[] = []
    for (const { org, name, version, configurations, artifacts } of lock.data.dependencies) {
      const component = javaComponent({ group: org, artifact: name, version })
      const hashes = artifacts.flatMap(({ hash }) => (hash !== undefined && /^sha1:[0-9a-f]{40}$/.test(hash) ? [hash] : []))
      if (component === undefined) problems.push(`${quoted(`${org}:${name}:${version}`)}: expected organisation, name and version`)
      else
        occurrences.push({
          component,
          at: { path: file.path },
          extractor: this.id,
          scope: scopeOf(configurations),
          ...(hashes.length > 0 && { hashes }),
        })
    }
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function scopeOf(configurations: readonly string[]): 'dev' | 'peer' | 'runtime' {
  if (configurations.length > 0 && configurations.every((one) => one === 'test' || one === 'it')) return 'dev'
  return configurations.length > 0 && configurations.every((one) => one === 'provided' || one === 'test' || one === 'it')
    ? 'peer'
    : 'runtime'
}
