import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { isRecord } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import { actionComponent } from './component.ts'

/**
 * Actions and workflows that a workflow, or an action made of steps, uses from other repositories (docs.github.com, "Workflow
 * syntax", `jobs.<id>.steps[*].uses` and `jobs.<id>.uses`; "Metadata syntax", `runs.steps[*].uses`). They run while a project is built.
 */
export const workflow = {
  id: 'actions/workflow',
  version: 1,
  title: 'GitHub Actions workflows',
  names: ['*.yml', '*.yaml'],
  wants: ({ path }) =>
    (/(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path) || /(?:^|\/)action\.ya?ml$/.test(path)) &&
    !`/${path}`.includes('/node_modules/'),
  async read(file) {
    const text = await file.text()
    const document = await parseYaml(text)
    if (!isRecord(document)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a map of names']) }
    const problems: string[] = []
    const comments = versionsInComments(text)
    const found = new Map<string, Occurrence>()
    for (const uses of usesIn(document)) {
      // a folder of the same repository; an image, which is judged by what is in it
      if (/^(?:\.{1,2}\/|docker:\/\/)/.test(uses)) continue
      const [, name = '', ref = ''] = /^([^/@]+\/[^/@]+)(?:\/[^@]*)?@(.+)$/.exec(uses.slice(0, LONGEST)) ?? []
      const pinned = /^[0-9a-f]{40}$/.test(ref) ? comments.get(uses) : undefined
      const component = actionComponent(name, pinned ?? ref)
      if (component === undefined) problems.push(`expected "owner/repository@reference" in uses, got ${quoted(uses)}`)
      else found.set(component.purl, { component, at: { path: file.path }, extractor: this.id, scope: 'dev', direct: true })
    }
    return { occurrences: [...found.values()], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const LONGEST = 1024

function* usesIn(document: Readonly<Record<string, unknown>>): Generator<string, void> {
  const { jobs, runs } = document
  for (const job of [...Object.values(isRecord(jobs) ? jobs : {}), runs]) {
    if (!isRecord(job)) continue
    if (typeof job['uses'] === 'string') yield job['uses']
    const steps = Array.isArray(job['steps']) ? job['steps'] : []
    for (const step of steps) if (isRecord(step) && typeof step['uses'] === 'string') yield step['uses']
  }
}

/** A commit says nothing of its version; who pins one commonly writes it behind: `uses: a/b@<commit> # v1.2.3`. */
function versionsInComments(text: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, uses, version] =
      /\buses: {1,8}['"]?([^\s'"#]{1,1024})['"]?[ \t]{1,8}#[ \t]{0,8}(?:tag[=:] ?)?(v?\d+(?:\.\d+)*(?:-[\w.]+)?)(?=\s|$)/.exec(
        line.slice(0, 2048),
      ) ?? []
    if (uses !== undefined && version !== undefined) versions.set(uses, version)
  }
  return versions
}
