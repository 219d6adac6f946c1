import { systemTypes } from '../../model/component.ts'
import type { VulnerablePackage } from './present-types.ts'

/** An entry of `issue.packages`. */
export type StoredPackage = {
  readonly componentId: number
  readonly purl: string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly arch?: string
  readonly source?: { readonly name: string; readonly version: string }
  readonly fixedIn?: string
}
/** Where an inventory has a component. */
export type Place = { readonly componentId: number; readonly path: string; readonly layer: string | null; readonly extractor: string }

/** A package of an issue in each of its places. */
export function vulnerablePackages(stored: StoredPackage, places: readonly Place[]): readonly VulnerablePackage[] {
  const own = places.filter(({ componentId }) => componentId === stored.componentId)
  return own.length === 0 ? [inPlace(stored, undefined)] : own.map((place) => inPlace(stored, place))
}

function inPlace(stored: StoredPackage, place: Place | undefined): VulnerablePackage {
  const manager = packageManager(stored.type, place?.path ?? '')
  const remedy = remedyOf(stored)
  return {
    name: stored.name,
    ...versionParts(stored),
    ...(stored.arch !== undefined && { arch: stored.arch }),
    ...(manager !== undefined && { packageManager: manager }),
    ...(place !== undefined && { filePath: place.path }),
    ...(typeof place?.layer === 'string' && { sourceLayerHash: place.layer }),
    ...(stored.fixedIn !== undefined && { fixedInVersion: stored.fixedIn }),
    ...(remedy !== undefined && { remediation: remedy }),
  }
}

/** Versions of operating system packages come in parts, `epoch:version-release`; elsewhere the version is whole. */
export function versionParts({
  type,
  version,
}: Pick<StoredPackage, 'type' | 'version'>): Pick<VulnerablePackage, 'version' | 'epoch' | 'release'> {
  if (!systemTypes.has(type)) return { version }
  const [, epoch = '0', rest = ''] = /^(?:([0-9]{1,9}):)?(.*)$/s.exec(version) ?? []
  const dash = rest.lastIndexOf('-')
  return dash < 0
    ? { version: rest, epoch: Number(epoch) }
    : { version: rest.slice(0, dash), epoch: Number(epoch), release: rest.slice(dash + 1) }
}

/** Package managers of Inspector (PackageManager) by purl type and, where that leaves a choice, by the file that told us. */
const managers: Readonly<Record<string, readonly (readonly [file: RegExp, manager: string])[]>> = {
  npm: [
    [/(^|\/)(package-lock|npm-shrinkwrap)\.json$/, 'NPM'],
    [/(^|\/)yarn\.lock$/, 'YARN'],
    [/(^|\/)package\.json$/, 'NODEPKG'],
    [/./, 'NPM'],
  ],
  cargo: [[/./, 'CARGO']],
  composer: [[/./, 'COMPOSER']],
  nuget: [
    [/\.deps\.json$/, 'DOTNET_CORE'],
    [/./, 'NUGET'],
  ],
  gem: [
    [/(^|\/)Gemfile\.lock$/, 'BUNDLER'],
    [/./, 'GEMSPEC'],
  ],
  golang: [
    [/(^|\/)go\.(mod|sum)$/, 'GOMOD'],
    [/./, 'GOBINARY'],
  ],
  maven: [
    [/(^|\/)pom\.xml$/, 'POM'],
    [/./, 'JAR'],
  ],
  pypi: [
    [/(^|\/)Pipfile\.lock$/, 'PIPENV'],
    [/(^|\/)poetry\.lock$/, 'POETRY'],
    [/(^|\/)requirements[^/]*\.txt$/, 'PIP'],
    [/./, 'PYTHONPKG'],
  ],
}
function packageManager(type: string, path: string): string | undefined {
  if (systemTypes.has(type)) return 'OS'
  return managers[type]?.find(([file]) => file.test(path === '' ? '-' : path))?.[1]
}

/** A command that brings the fixed version; none for names that a shell could misread: they come from hostile files. */
function remedyOf({ type, name, fixedIn }: StoredPackage): string | undefined {
  if (fixedIn === undefined || !/^@?[A-Za-z0-9][A-Za-z0-9._+/-]*$/.test(name) || !/^[A-Za-z0-9][A-Za-z0-9._+:~-]*$/.test(fixedIn))
    return undefined
  switch (type) {
    case 'deb':
      return `apt-get update && apt-get install --only-upgrade ${name}`
    case 'rpm':
      return `dnf upgrade ${name}`
    case 'apk':
      return `apk upgrade ${name}`
    case 'npm':
      return `npm install ${name}@${fixedIn}`
    default:
      return undefined
  }
}
