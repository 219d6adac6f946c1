import type { Occurrence } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { gapsOf } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'

type Provider = { readonly line: number; readonly address: string; version?: string; readonly hashes: string[] }

/**
 * The providers that Terraform and OpenTofu selected: `.terraform.lock.hcl` (developer.hashicorp.com, "Dependency lock file"). It is
 * written by them alone, in one form, and read line by line.
 */
export const lockFile = {
  id: 'terraform/lock-file',
  version: 1,
  title: '.terraform.lock.hcl',
  names: ['.terraform.lock.hcl'],
  wants: ({ path }) => path === '.terraform.lock.hcl' || path.endsWith('/.terraform.lock.hcl'),
  async read(file) {
    const { providers, problems } = providersIn(await file.text())
    const occurrences = providers.flatMap(({ line, address, version, hashes }): readonly Occurrence[] => {
      const [, host, namespace, name] = /^([\w.-]{1,253}(?::\d{1,5})?)\/([\w-]{1,64})\/([\w-]{1,64})$/.exec(address) ?? []
      if (host === undefined || namespace === undefined || name === undefined || !/^[\w.+-]{1,128}$/.test(version ?? '')) {
        problems.push(
          `line ${line}: expected a provider "host/namespace/name" with its version, got ${JSON.stringify(address.slice(0, 200))}`,
        )
        return []
      }
      const known = version ?? ''
      const purl = `pkg:terraform/${encodeURIComponent(host)}/${namespace}/${purlOf('terraform', undefined, name, known).slice('pkg:terraform/'.length)}`
      const component = { purl, type: 'terraform', name: address, version: known }
      return [
        {
          ...{ component, at: { path: file.path }, extractor: this.id },
          ...(hashes.length > 0 && { hashes: [...new Set(hashes)].sort() }),
        },
      ]
    })
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

const LONGEST = 1024

function providersIn(text: string): { readonly providers: readonly Provider[]; readonly problems: string[] } {
  const providers: Provider[] = []
  const problems: string[] = []
  let open: Provider | undefined
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = raw.slice(0, LONGEST).trim()
    if (line === '' || line.startsWith('#') || line.startsWith('//')) continue
    const address = /^provider "([^"]{1,512})" \{$/.exec(line)?.[1]
    if (open === undefined) {
      if (address === undefined) problems.push(`line ${index + 1}: expected a provider, got ${JSON.stringify(line.slice(0, 80))}`)
      else open = { line: index + 1, address, hashes: [] }
    } else if (line === '}') {
      providers.push(open)
      open = undefined
    } else {
      const version = /^version\s{1,16}=\s{1,16}"([^"]{1,512})"$/.exec(line)?.[1]
      if (version !== undefined) open.version = version
      // `zh:` is of the archive for one platform; `h1:` of the names and contents of what it holds, which is no digest of a file
      const sum = /^"zh:([0-9a-f]{64})",?$/.exec(line)?.[1]
      if (sum !== undefined) open.hashes.push(`sha256:${sum}`)
    }
  }
  if (open !== undefined) problems.push(`line ${open.line}: expected the end of the provider, got the end of the file`)
  return { providers, problems }
}
