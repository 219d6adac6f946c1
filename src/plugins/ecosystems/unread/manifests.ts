import { baseName } from '../../../kit/paths.ts'
import type { Extractor } from '../../../model/seams.ts'

/** Lockfiles and manifests that name packages we do not read yet, and whose packages they are. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['Cartfile.resolved', 'Carthage packages'],
  ['cpanfile.snapshot', 'Perl distributions'],
  ['elm.json', 'Elm packages'],
  ['paket.lock', 'NuGet packages locked by Paket'],
  ['shard.lock', 'Crystal shards'],
  ['vcpkg.json', 'vcpkg packages'],
])

/** Inside these a manifest belongs to the development of somebody else's package. */
const inside = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|gems|testdata|\.cargo|go\/pkg\/mod)\//

/** Says of each such file that its packages are unknown: what nobody reads must not look like nothing to fix. */
export const manifests = {
  id: 'unread/manifests',
  version: 4,
  title: 'Manifests nobody reads yet',
  names: [...kinds.keys()],
  wants: ({ path }) => kinds.has(baseName(path)) && !inside.test(path),
  read: (file) =>
    Promise.resolve({
      occurrences: [],
      gaps: [
        {
          path: file.path,
          extractor: 'unread/manifests',
          reason: `${kinds.get(baseName(file.path)) ?? 'packages'} are not read yet: those it names are unknown`,
        },
      ],
    }),
} satisfies Extractor
