import { quoted } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import type { Component } from '../../../model/component.ts'

const LONGEST = 256

/** The component of a conda package, or undefined when name or version cannot be those of one. conda writes names in lower case. */
export function condaComponent(name: string, version: string): Component | undefined {
  const lower = name.toLowerCase()
  if (lower.length > LONGEST || version.length > LONGEST || !/^[a-z0-9_][\w.-]*$/.test(lower) || !/^[!-~]*$/.test(version)) return undefined
  return { purl: purlOf('conda', undefined, lower, version), type: 'conda', name: lower, version }
}

/** What a line of an environment asks for (conda documentation, "Package match specification"). */
export type MatchSpec = { readonly name: string; readonly asked: string; readonly pin?: string }

/**
 * `channel::name version build`, `name=version=build`, `name>=1`. One version is meant by `==`, and where a build is named;
 * `name=1.2` also means 1.2.7.
 */
export function parseMatchSpec(text: string, problems: string[]): MatchSpec | undefined {
  const [line = ''] = text.slice(0, 1_024).split(' #', 1)
  const bare = line.trim().replace(/^.*::/, '').replace(/\[.*$/, '')
  const [, name, rest = ''] = /^([\w.-]+)\s*(.*)$/.exec(bare) ?? []
  if (name === undefined) {
    problems.push(`expected a package of conda, got ${quoted(text)}`)
    return undefined
  }
  const asked = rest.trim().replace(/\s+/g, rest.includes('=') ? '' : ' ')
  const [, pin] = /^(?:==|=?(?=[^=\s]+[= ]))([^=<>!,|*\s]+)(?:[= ][^\s=]+)?$/.exec(asked) ?? []
  return { name, asked, ...(pin !== undefined && { pin }) }
}
