/** One record of a Debian control file, as R writes `DESCRIPTION` and packrat its lock: fields in lower case, lines of a value joined by blanks. */
export type DcfRecord = ReadonlyMap<string, string>

/** The records of a text, parted by empty lines. Lines that are neither a field nor go on with one are left out. */
export function parseDcf(text: string): readonly DcfRecord[] {
  const records: Map<string, string[]>[] = []
  let record: Map<string, string[]> | undefined
  let value: string[] | undefined
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    if (line.trim() === '') {
      record = value = undefined
      continue
    }
    if (line.startsWith(' ') || line.startsWith('\t')) {
      value?.push(line.trim())
      continue
    }
    const colon = line.indexOf(':')
    value = colon < 1 ? undefined : [line.slice(colon + 1).trim()]
    if (value === undefined) continue
    if (record === undefined) records.push((record = new Map<string, string[]>()))
    record.set(line.slice(0, colon).toLowerCase(), value)
  }
  return records.map((each) => new Map([...each].map(([field, lines]) => [field, lines.join(' ').trim()])))
}

/** What a field of dependencies names, with the versions it asks for: `R (>= 3.5), methods, rlang (>= 1.0.0)`. R itself is no package. */
export function dependenciesIn(field: string | undefined): readonly { readonly name: string; readonly asked: string }[] {
  return (field ?? '').split(',').flatMap((part) => {
    const [, name, asked = ''] = /^\s*([A-Za-z][\w.]*)\s*(?:\(([^()]*)\))?\s*$/.exec(part) ?? []
    return name === undefined || name === 'R' ? [] : [{ name, asked: asked.replace(/\s/g, '') }]
  })
}
