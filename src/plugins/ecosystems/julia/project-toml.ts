import { isRecord, namesIn, textOf } from '../../../formats/json.ts'

/** What a `Project.toml` says of itself and asks for: names by uuid, and the versions it allows by name. */
export type Project = {
  readonly name: string | undefined
  readonly uuid: string | undefined
  readonly version: string | undefined
  readonly deps: ReadonlyMap<string, string>
  /** For tests and the like. */
  readonly extras: ReadonlyMap<string, string>
  readonly compat: ReadonlyMap<string, string>
}

export function projectOf(value: unknown): Project {
  const fields = isRecord(value) ? value : {}
  const table = (name: string) => {
    const entries = fields[name]
    return isRecord(entries) ? namesIn(entries).flatMap((key) => [[key, textOf(entries, key) ?? ''] as const]) : []
  }
  const byUuid = (name: string) => new Map(table(name).map(([key, uuid]) => [uuid, key] as const))
  return {
    name: textOf(fields, 'name'),
    uuid: textOf(fields, 'uuid'),
    version: textOf(fields, 'version'),
    deps: byUuid('deps'),
    extras: byUuid('extras'),
    compat: new Map(table('compat')),
  }
}
