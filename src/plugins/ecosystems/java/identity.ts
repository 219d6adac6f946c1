import { isVersion, javaComponent, type Coordinates } from './component.ts'
import { readFileName, type FileName } from './file-name.ts'
import type { Manifest } from './manifest-file.ts'
import { groupOfPublisher } from './publishers.ts'
import { placeOf, type Place } from './repository-path.ts'

/** What an archive tells of itself. */
export type Evidence = {
  /** Where it lies; only its own name and the folders above count. */
  readonly path: string
  /** Of `META-INF/maven/`: its own coordinates, and those of what was put into it. */
  readonly poms: readonly Coordinates[]
  /** Asked for only where the coordinates above do not settle it. */
  manifest(): Promise<Manifest>
  /** Does anything lie below this folder of the archive? */
  holds(folder: string): boolean
}

/** The archive itself, where anything names it, and what else its own files name. */
export type Identity = { readonly own: Coordinates | undefined; readonly bundled: readonly Coordinates[] }

/**
 * Who an archive is. First Maven's own record inside it, then the place it has in a repository, then its manifest and the name of
 * its file. A group comes from the first two, or from a manifest where two facts agree; otherwise nobody told it.
 */
export async function identify({ path, poms, manifest, holds }: Evidence): Promise<Identity> {
  const file = readFileName(path)
  const named = poms.find((pom) => isNamed(file, path, pom))
  if (named !== undefined) return { own: named, bundled: poms.filter((pom) => pom !== named) }
  const attributes = await manifest()
  const recorded = poms.find((pom) => isRecorded(attributes, pom)) ?? lone(poms, file, attributes)
  if (recorded !== undefined) return { own: recorded, bundled: poms.filter((pom) => pom !== recorded) }
  const own = jenkinsPlugin(attributes) ?? fromManifest(attributes, file, placeOf(path), holds)
  return { own: own && javaComponent(own) ? own : undefined, bundled: poms }
}

/** The file is called as the artifact, or as artifact and version with a classifier behind. */
function isNamed(file: FileName | undefined, path: string, { artifact, version }: Coordinates): boolean {
  if (file?.artifact === artifact) return file.version === undefined || file.version === version
  return path.slice(path.lastIndexOf('/') + 1).startsWith(`${artifact}-${version}`)
}

/** The manifest names the artifact. */
function isRecorded(attributes: Manifest, { group, artifact }: Coordinates): boolean {
  const bundle = bundleOf(attributes)
  return (
    [attributes.get('implementation-title'), attributes.get('extension-name'), bundle].includes(artifact) ||
    bundle === `${group}.${artifact}`
  )
}

/** One record alone is the archive's own, unless name or manifest tell another version: then something small was put into it. */
function lone(poms: readonly Coordinates[], file: FileName | undefined, attributes: Manifest): Coordinates | undefined {
  const [only, ...others] = poms
  if (only === undefined || others.length > 0) return undefined
  const told = [file?.version, attributes.get('implementation-version'), attributes.get('bundle-version')].filter(
    (version) => version !== undefined,
  )
  return told.length === 0 || told.some((version) => alike(version, only.version)) ? only : undefined
}

/** OSGi writes `1.0-beta` as `1.0.0.beta`. */
function alike(told: string, version: string): boolean {
  const flat = (text: string) =>
    text
      .toLowerCase()
      .replace(/[-_]/g, '.')
      .split('.')
      .filter((step) => step !== '0')
      .join('.')
  return flat(told) === flat(version)
}

/** Jenkins' own attributes (maven-hpi-plugin). */
function jenkinsPlugin(attributes: Manifest): Coordinates | undefined {
  const artifact = attributes.get('short-name') ?? attributes.get('extension-name')
  const version = attributes.get('plugin-version')?.split(' ', 1)[0]
  return artifact === undefined || version === undefined ? undefined : { group: attributes.get('group-id'), artifact, version }
}

/**
 * The version of `Specification-Version` is the one of the interface a library offers, and is never taken for its own.
 */
function fromManifest(
  attributes: Manifest,
  file: FileName | undefined,
  place: Place | undefined,
  holds: Evidence['holds'],
): Coordinates | undefined {
  const version =
    place?.version ??
    file?.version ??
    [attributes.get('implementation-version'), attributes.get('bundle-version')].map(versionIn).find(Boolean)
  const artifact = place?.artifact ?? artifactOf(attributes, file)
  if (version === undefined || artifact === undefined) return undefined
  return { group: place?.group ?? groupOfPublisher(artifact, holds) ?? groupOf(attributes, artifact), artifact, version }
}

/** `2.1.0 (build 7)` is 2.1.0, and `2.1.0.qualifier` of an Eclipse build too; what does not begin with a number is a word of somebody's build. */
function versionIn(text: string | undefined): string | undefined {
  const first = text?.split(/\s/, 1)[0]?.replace(/^v(?=\d)|\.qualifier$/g, '')
  return first !== undefined && /^\d/.test(first) && isVersion(first) ? first : undefined
}

/** Names that say what a file is for, and not what it is. */
const NAMELESS = /^(?:app|application|main|classes|lib|server|service|client|plugin|boot|root|output|[0-9a-f]{16,})$/i

function artifactOf(attributes: Manifest, file: FileName | undefined): string | undefined {
  if (file !== undefined && (file.version !== undefined || !NAMELESS.test(file.artifact))) return file.artifact
  const title = attributes.get('implementation-title')
  return title !== undefined && /^[\w.-]+$/.test(title) ? title : bundleOf(attributes)
}

/** Without its directives: `org.example.core;singleton:=true`. */
const bundleOf = (attributes: Manifest) => attributes.get('bundle-symbolicname')?.split(';', 1)[0]?.trim()

const GROUP = /^[a-z][\w-]*(?:\.[\w-]+)+$/i
/** Roofs under which many groups live; none of them publishes anything itself. */
const ROOFS = new Set([
  'com.google',
  'com.sun',
  'io.github',
  'com.github',
  'org.apache',
  'org.apache.commons',
  'org.codehaus',
  'org.eclipse',
  'org.jboss',
  'org.objectweb',
])
const isGroup = (text: string) => GROUP.test(text) && !ROOFS.has(text)

/**
 * A bundle is commonly named after group and artifact (maven-bundle-plugin, bnd): where the artifact is known, what stands before it
 * is the group, if it is long enough to be one. `Implementation-Vendor-Id` is the group where Maven's archiver or sbt wrote it, and
 * anything elsewhere: it counts where the bundle's name agrees, or sbt's title does.
 */
function groupOf(attributes: Manifest, artifact: string): string | undefined {
  const bundle = bundleOf(attributes)
  const before = bundle?.endsWith(`.${artifact}`) ? bundle.slice(0, -artifact.length - 1) : ''
  if (before.split('.').length > 2 && isGroup(before)) return before
  const vendor = attributes.get('implementation-vendor-id') ?? ''
  const title = attributes.get('implementation-title')
  const agreed = bundle?.startsWith(`${vendor}.`) || title === artifact || title === artifact.replace(/_[23](?:\.\d+)?$/, '')
  return agreed && isGroup(vendor) ? vendor : undefined
}
