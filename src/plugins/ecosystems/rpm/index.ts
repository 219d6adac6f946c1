import { isEpochKnown, isModuleBuild, nameInStream } from '../../../formats/rpm-name.ts'
import { parsePurl } from '../../../formats/purl-read.ts'
import type { Component } from '../../../model/component.ts'
import type { AdvisoryKey, Ecosystem } from '../../../model/seams.ts'
import { bottlerocketInventory } from './bottlerocket-inventory.ts'
import { rpmDatabase, rpmLargeDatabase } from './rpm-database.ts'
import { rpmManifest } from './rpm-manifest.ts'

/** RPM packages, judged by the advisories of the distribution they are installed on. */
export const rpm = {
  id: 'rpm',
  version: 1,
  title: 'RPM packages',
  purlTypes: ['rpm'],
  scheme: 'rpm',
  extractors: [rpmDatabase, rpmLargeDatabase, rpmManifest, bottlerocketInventory],
  families: ['AlmaLinux', 'Rocky Linux', 'Red Hat'],
  advisoryKey(component) {
    const [, id = '', major = ''] = /^([a-z]+):(\d{1,3})(?:\.\d{1,3})?$/.exec(component.distro ?? '') ?? []
    const ecosystem = ecosystems[id]
    if (ecosystem === undefined) return undefined
    return keyIn(component, `${ecosystem}:${major}`, id)
  },
} satisfies Ecosystem

/** OSV ecosystem without the major release, by id of the distribution. */
const ecosystems: Readonly<Record<string, string>> = {
  almalinux: 'AlmaLinux',
  rocky: 'Rocky Linux',
  rhel: 'Red Hat:enterprise_linux',
  centos: 'Red Hat:enterprise_linux',
}

function keyIn({ purl, name, version, source }: Component, ecosystem: string, id: string): AdvisoryKey | undefined {
  const { rpmmod, vendor } = parsePurl(purl)?.qualifiers ?? {}
  // Others build under the same names with versions of their own: the distribution's advisories do not describe those.
  if (vendor !== undefined) return undefined
  // Rocky's advisories name source packages, the others' binary ones.
  const judged = id === 'rocky' ? source : { name, version }
  if (judged === undefined || (judged === source && !isEpochKnown(source, version))) return undefined
  if (rpmmod === undefined && !isModuleBuild(version)) return { ecosystem, ...judged }
  const stream = /^([^:]+:[^:]+)(?::|$)/.exec(rpmmod ?? '')?.[1]
  // Without the stream nobody can tell whose fixes count; CentOS counted its builds of modules otherwise than Red Hat.
  if (stream === undefined || id === 'centos') return undefined
  return { ecosystem, name: nameInStream(stream, judged.name), version: judged.version }
}
