import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 512

/**
 * The component of a Swift package by the address of its repository, without scheme, user, port and `.git`, in lower case: `github.com/apple/swift-nio`
 * (purl specification, type `swift`). undefined: no such address, or no version.
 */
export function swiftComponent(address: string, version: string): Component | undefined {
  if (address.length > LONGEST || version.length > LONGEST || !/^[!-~]+$/.test(version)) return undefined
  const [, host, path] = /^(?:[a-z+]+:\/\/)?(?:[^/@]*@)?([\w.-]+)(?::\d+)?[/:](.+)$/i.exec(address) ?? []
  const steps =
    path
      ?.toLowerCase()
      .replace(/\/$/, '')
      .replace(/\.git$/, '')
      .split('/') ?? []
  const name = steps.pop()
  if (host === undefined || name === undefined || ![...steps, name].every((step) => /^[\w.~+-]+$/.test(step) && !/^\.+$/.test(step)))
    return undefined
  const owner = [host.toLowerCase(), ...steps].join('/')
  return {
    purl: `pkg:swift/${owner}/${purlOf('swift', undefined, name, version).slice('pkg:swift/'.length)}`,
    type: 'swift',
    name: `${owner}/${name}`,
    version,
  }
}

/** A package of a registry has a scope and a name (Swift evolution, SE-0292). */
export function registryComponent(identity: string, version: string): Component | undefined {
  const [, scope, name] = /^([A-Za-z0-9-]{1,39})\.([A-Za-z0-9_-]{1,100})$/.exec(identity) ?? []
  if (scope === undefined || name === undefined || version.length > LONGEST || !/^[!-~]+$/.test(version)) return undefined
  const full = `${scope}/${name}`.toLowerCase()
  return { purl: purlOf('swift', scope.toLowerCase(), name.toLowerCase(), version), type: 'swift', name: full, version }
}
