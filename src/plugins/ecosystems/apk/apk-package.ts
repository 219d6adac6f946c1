import { purlOf } from '../../../formats/purl.ts'
import { neededBy, type Requiring } from '../../../formats/requirements.ts'
import type { Occurrence } from '../../../model/component.ts'
import type { Extracted } from '../../../model/seams.ts'

/** One installed package, as either form of the database has it. */
export type ApkPackage = {
  readonly name: string
  readonly version: string
  readonly arch?: string | undefined
  /** The package whose build made this one; the version is the same. */
  readonly origin?: string | undefined
  readonly licence?: string | undefined
  /** Names and constraints: `so:libc.musl-x86_64.so.1`, `zlib>=1.2`, `!conflict`. */
  readonly depends: readonly string[]
  readonly provides: readonly string[]
  readonly files: readonly string[]
}

/** No text of ours comes near this; what is longer is damage, or an attempt to fill the store. */
const LONGEST = 1024
const isName = (text: string) => text.length < LONGEST && /^[a-zA-Z0-9_][a-zA-Z0-9+._-]*$/.test(text)
const isWord = (text: string) => text.length < LONGEST && /^[!-~]+$/.test(text)

/** Why this can be no package; undefined: it can. */
export function problemOf({ name, version, arch, origin }: Partial<ApkPackage>): string | undefined {
  if (name === undefined || name === '') return 'no name'
  if (!isName(name)) return 'expected a package name of letters, digits and + - . _'
  if (version === undefined || version === '') return `package ${name}: no version`
  if (!isWord(version)) return `package ${name}: expected a version of printable ASCII without blanks`
  if (arch !== undefined && !isName(arch)) return `package ${name}: expected the name of an architecture`
  if (origin !== undefined && !isName(origin)) return `package ${name}: expected the name of its origin`
  return undefined
}

/** Names that begin with a dot are sets somebody gave a name to (`apk add --virtual .build-deps`): they hold nothing themselves. */
export const isVirtual = (name: string | undefined): boolean => name?.startsWith('.') === true

/** `world`: the names a person asked for, where they are known. */
export function installed(
  packages: readonly ApkPackage[],
  world: ReadonlySet<string> | undefined,
  path: string,
  extractor: string,
): Pick<Extracted, 'occurrences' | 'owned'> {
  const requiring = packages.map((one): Requiring => {
    const { name, depends, provides, files } = one
    return { purl: purlOfPackage(one), name, requires: depends.map(nameIn), provides: provides.map(nameIn), files }
  })
  const needs = neededBy(requiring)
  const occurrences = packages.map((one, at): Occurrence => {
    const { name, version, arch, origin, licence } = one
    const needed = needs(requiring[at]!)
    return {
      component: {
        purl: purlOfPackage(one),
        type: 'apk',
        name,
        version,
        ...(arch !== undefined && { arch }),
        ...(origin !== undefined && { source: { name: origin, version } }),
      },
      at: { path },
      extractor,
      ...(world !== undefined && { direct: world.has(name) }),
      ...(needed.length > 0 && { dependsOn: needed }),
      ...(licence !== undefined && licence !== '' && licence.length < LONGEST && { licences: [licence] }),
    }
  })
  return { occurrences, owned: packages.filter(({ files }) => files.length > 0).map(({ name, files }) => ({ owner: name, paths: files })) }
}

/** `zlib>=1.2@edge` to `zlib`; a conflict (`!zlib`) keeps its mark and so names nothing that is provided. */
export function nameIn(dependency: string): string {
  return /^[^<>=~@\s]*/.exec(dependency)?.[0] ?? ''
}

const purlOfPackage = ({ name, version, arch }: ApkPackage) => purlOf('apk', 'alpine', name, version, arch === undefined ? {} : { arch })
