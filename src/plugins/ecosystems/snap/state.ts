import { isRecord, namesIn, parseJson, textOf } from '../../../formats/json.ts'
import { gapsOf, quoted } from '../../../formats/problems.ts'
import type { Extractor } from '../../../model/seams.ts'

const STATE = 'var/lib/snapd/state.json'

/**
 * What snapd holds installed (`state.json`: `data.snaps`, by name, with the current revision). It knows no versions: these are in the snaps, which are
 * read where they are mounted. One that is not lies in an archive, of which nothing is known.
 */
export const state = {
  id: 'snap/state',
  version: 1,
  title: 'What snapd holds installed',
  names: ['state.json'],
  wants: ({ path }) => path === STATE || path.endsWith(`/${STATE}`),
  async read(file, near) {
    const told = parseJson(await file.text())
    const data = isRecord(told) ? told['data'] : undefined
    if (!isRecord(data)) return { occurrences: [], gaps: gapsOf(this.id, file.path, ['expected a JSON object with data']) }
    const root = file.path.slice(0, -STATE.length)
    const problems: string[] = []
    const snaps = data['snaps']
    for (const name of namesIn(snaps)) {
      const held = isRecord(snaps) ? snaps[name] : undefined
      const revision = isRecord(held) ? textOf(held, 'current') : undefined
      if (revision === undefined || !/^x?\d{1,10}$/.test(revision) || !/^[a-z0-9_-]{1,60}$/.test(name)) {
        problems.push(`expected a snap with its current revision, got ${quoted(name)}`)
        continue
      }
      const places = ['snap', 'var/lib/snapd/snap'].map((folder) => near.open(`${root}${folder}/${name}/${revision}/meta/snap.yaml`))
      if ((await Promise.all(places)).every((place) => place === undefined))
        problems.push(`the snap ${name}, revision ${revision}, is not mounted here: its version and what is in it are unknown`)
    }
    return { occurrences: [], gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor
