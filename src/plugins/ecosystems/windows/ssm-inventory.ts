import { isRecord, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted, shown } from '../../../formats/problems.ts'
import type { Component } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { programComponent, updateComponent } from './component.ts'

type Fields = Readonly<Record<string, unknown>>

/** The folder of a type in a resource data sync, or a file that has the type's name. */
const PLACE = /(?:^|\/)AWS[:_-](Application|WindowsUpdate)(?:\/.*)?\.json$/

/**
 * What Systems Manager's inventory holds of a Windows machine (its user guide, "Metadata collected by inventory"): the answer of
 * `list-inventory-entries`, or an entry a line, as a resource data sync writes them.
 */
export const ssmInventory = {
  id: 'windows/ssm-inventory',
  version: 1,
  title: "Systems Manager's inventory of Windows machines",
  names: ['*.json'],
  wants: ({ path }) => PLACE.test(path),
  async read(file) {
    const problems: string[] = []
    const kind = PLACE.exec(file.path)?.[1]
    const components = new Map<string, Component>()
    for (const entry of entriesOf(await file.text(), problems)) {
      const component = kind === 'WindowsUpdate' ? updateIn(entry, problems) : programIn(entry, problems)
      if (component !== undefined) components.set(component.purl, component)
    }
    const occurrences = [...components.values()].map((component) => ({ component, at: { path: file.path }, extractor: this.id }))
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function entriesOf(text: string, problems: string[]): readonly Fields[] {
  const whole = attempt(text)
  const told: readonly unknown[] =
    isRecord(whole) && Array.isArray(whole['Entries'])
      ? whole['Entries']
      : text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(attempt)
  return told.flatMap((entry, index) => {
    if (isRecord(entry)) return [entry]
    problems.push(`entry ${index + 1}: expected a JSON object, got ${entry === undefined ? 'none' : shown(entry)}`)
    return []
  })
}

function attempt(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function programIn(entry: Fields, problems: string[]): Component | undefined {
  const [name, version, publisher] = ['Name', 'Version', 'Publisher'].map((member) => textOf(entry, member))
  // Of Linux it does not say which distribution a package is of.
  if (textOf(entry, 'Release') !== undefined || textOf(entry, 'Epoch') !== undefined) {
    problems.push(`${quoted(name ?? '')}: a package of a Linux machine, of which no distribution is told`)
    return undefined
  }
  const component = name === undefined || version === undefined ? undefined : programComponent(name, version, publisher)
  if (component === undefined)
    problems.push(`expected a program with its version, got ${shown(entry['Name'])} and ${shown(entry['Version'])}`)
  return component
}

function updateIn(entry: Fields, problems: string[]): Component | undefined {
  const component = updateComponent(textOf(entry, 'HotFixId') ?? '')
  if (component === undefined) problems.push(`expected an update by its number, got ${shown(entry['HotFixId'])}`)
  return component
}
