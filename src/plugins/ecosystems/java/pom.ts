import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Component, Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { declaredComponent, javaComponent } from './component.ts'
import { resolvePom, type Resolved } from './pom-model.ts'

/** Inside these a project file is a copy that came with somebody's package. */
const INSIDE_PACKAGES = /(?:^|\/)(?:META-INF\/maven|node_modules|site-packages|dist-packages|vendor|\.m2\/repository)\//

/** Maven projects: POM reference, model version 4.0.0. */
export const pom = {
  id: 'java/pom',
  version: 1,
  title: 'Maven projects',
  names: ['pom.xml'],
  wants: ({ path }) => (path === 'pom.xml' || path.endsWith('/pom.xml')) && !INSIDE_PACKAGES.test(path),
  async read(file, near) {
    const occurrences: Occurrence[] = []
    const unnamed: string[] = []
    for (const one of await resolvePom(file.path, await file.text(), near)) {
      const found = asked(one)
      if (found === undefined) unnamed.push(`${one.group}:${one.artifact}`)
      else occurrences.push({ ...found, at: { path: file.path }, extractor: this.id, direct: true })
    }
    const problems = unnamed.map((name) => `asks for ${quoted(name)}: expected group and artifact of a Maven project`)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

/** A version stands for itself (Maven lets another win only where two are asked for); what is none yet is only declared. */
function asked({
  group,
  artifact,
  version,
  scope,
  optional,
}: Resolved): Pick<Occurrence, 'component' | 'scope' | 'requirement'> | undefined {
  const exact = version === undefined ? undefined : exactVersion(version)
  const component: Component | undefined = exact === undefined ? undefined : javaComponent({ group, artifact, version: exact })
  if (component !== undefined) return { component, scope: optional ? 'optional' : (SCOPES.get(scope) ?? 'runtime') }
  const declared = declaredComponent(group, artifact)
  return declared && { component: declared, scope: 'declared', ...(version !== undefined && { requirement: version }) }
}

/** What a container provides is brought by somebody else. */
const SCOPES: ReadonlyMap<string, 'dev' | 'peer'> = new Map([
  ['test', 'dev'],
  ['provided', 'peer'],
])

/** `[1.0]` is that version and no other; other brackets are ranges, and two words ask for the newest. */
function exactVersion(text: string): string | undefined {
  const [, only] = /^\[\s*([^,[\]()\s]+)\s*\]$/.exec(text.slice(0, 300)) ?? []
  const version = only ?? text
  return /[[\](),$\s]/.test(version) || /^(?:latest|release)$/i.test(version) ? undefined : version
}
