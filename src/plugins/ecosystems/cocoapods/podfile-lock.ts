import { purlOf } from '../../../formats/purl.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord, namesIn } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'

const LONGEST = 256

/**
 * What CocoaPods locked (`Podfile.lock`) and what it installed (`Pods/Manifest.lock`), which it writes alike (CocoaPods' `Lockfile`). Parts
 * of a pod (`Firebase/Core`) are that pod.
 */
export const podfileLock = {
  id: 'cocoapods/podfile-lock',
  version: 1,
  title: 'Podfile.lock and Pods/Manifest.lock',
  names: ['Podfile.lock', 'Manifest.lock'],
  wants: ({ path }) => /(?:^|\/)(?:Podfile\.lock|Pods\/Manifest\.lock)$/.test(path) && !/(?:^|\/)Pods\/.*Podfile\.lock$/.test(path),
  async read(file) {
    const lock = await parseYaml(await file.text())
    if (!isRecord(lock)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a map of names']) }
    const problems: string[] = []
    const pods = lock['PODS'] ?? []
    if (!Array.isArray(pods)) problems.push('expected a list of PODS')
    const found = new Map<string, { component: Component; needs: Set<string> }>()
    const own = ownIn(lock['EXTERNAL SOURCES'])
    for (const pod of Array.isArray(pods) ? (pods as readonly unknown[]) : []) {
      const told = podOf(pod)
      if (told === undefined) problems.push(`expected "name (version)", got ${quoted(JSON.stringify(pod))}`)
      else if (!own.has(told.component.name)) {
        const held = found.get(told.component.name) ?? { component: told.component, needs: new Set<string>() }
        for (const name of told.needs) if (name !== told.component.name) held.needs.add(name)
        found.set(told.component.name, held)
      }
    }
    const direct = new Set((Array.isArray(lock['DEPENDENCIES']) ? lock['DEPENDENCIES'] : []).map(podName))
    const occurrences = [...found.values()].map(({ component, needs }): Occurrence => {
      const dependsOn = [...needs].flatMap((name) => found.get(name)?.component.purl ?? []).sort()
      return {
        ...{ component, at: { path: file.path }, extractor: this.id },
        ...(direct.has(component.name) && { direct: true }),
        ...(dependsOn.length > 0 && { dependsOn }),
      }
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** `name (version)` alone, or as the name of what it needs. */
function podOf(pod: unknown): { readonly component: Component; readonly needs: readonly string[] } | undefined {
  const [told] = typeof pod === 'string' ? [pod] : namesIn(pod)
  const needs: unknown = isRecord(pod) && told !== undefined ? pod[told] : []
  const [, name, version] = /^(\S+) \((?:= )?(\S+)\)$/.exec((told ?? '').slice(0, 2 * LONGEST)) ?? []
  const base = podName(name)
  if (
    base === undefined ||
    version === undefined ||
    version.length > LONGEST ||
    !/^[\w+-][\w.+-]*$/.test(base) ||
    !/^[!-~]+$/.test(version)
  )
    return undefined
  const component = { purl: purlOf('cocoapods', undefined, base, version), type: 'cocoapods', name: base, version }
  return { component, needs: (Array.isArray(needs) ? needs : []).flatMap((need) => podName(need) ?? []) }
}

/** The pod of `Firebase/Core (~> 10.0)`. */
const podName = (told: unknown): string | undefined =>
  typeof told === 'string' ? /^[^\s/(]+/.exec(told.slice(0, 2 * LONGEST))?.[0] : undefined

/** Pods in a folder of the project (`:path`) are its own. */
function ownIn(sources: unknown): ReadonlySet<string> {
  const all = isRecord(sources) ? Object.entries(sources) : []
  return new Set(all.flatMap(([name, source]) => (isRecord(source) && Object.hasOwn(source, ':path') ? (podName(name) ?? []) : [])))
}
