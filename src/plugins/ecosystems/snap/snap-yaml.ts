import { isRecord, textOf } from '../../../formats/json.ts'
import { gapsOf, shown } from '../../../formats/problems.ts'
import { purlOf } from '../../../formats/purl.ts'
import { parseYaml } from '../../../formats/yaml.ts'
import { parentOf } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'

/** A snap whose content is at hand, mounted or unpacked: its `meta/snap.yaml` (snapcraft.io, "The snap format"). All of the snap belongs to it. */
export const snapYaml = {
  id: 'snap/snap-yaml',
  version: 1,
  title: 'Snaps',
  names: ['snap.yaml'],
  wants: ({ path }) => path === 'meta/snap.yaml' || path.endsWith('/meta/snap.yaml'),
  async read(file) {
    const told = (reason: string) => ({ occurrences: [], gaps: gapsOf(this.id, file.path, [reason]) })
    const about = await parseYaml(await file.text())
    if (!isRecord(about)) return told('expected what a snap says of itself')
    const [name, version, licence] = ['name', 'version', 'license'].map((member) => textOf(about, member))
    if (name === undefined || version === undefined || !/^[a-z0-9-]{1,40}$/.test(name) || !/^[\w.+:~-]{1,64}$/.test(version))
      return told(`expected the name and the version of a snap, got ${shown(about['name'])} and ${shown(about['version'])}`)
    const all: readonly unknown[] = Array.isArray(about['architectures']) ? about['architectures'] : []
    const [arch] = all
    const component = {
      purl: purlOf('snap', undefined, name, version),
      ...{ type: 'snap', name, version },
      ...(all.length === 1 && typeof arch === 'string' && /^\w{1,40}$/.test(arch) && { arch }),
    }
    const occurrence = {
      ...{ component, at: { path: file.path }, extractor: this.id },
      ...(licence !== undefined && licence.length <= 200 && licence !== 'unset' && { licences: [licence] }),
    }
    return { occurrences: [occurrence], gaps: [], covers: [parentOf(parentOf(file.path))] }
  },
} satisfies Extractor
