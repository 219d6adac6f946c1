/** The upstream or source package a binary package was built from; its version may differ from the binary's. */
export type SourcePackage = { readonly name: string; readonly version: string }

/** One distinct thing that can be installed, anywhere. The same component is one row for the whole fleet. */
export type Component = {
  /** Package URL without qualifiers that other members of this type already carry. */
  readonly purl: string
  /** The purl's type: `deb`, `npm` ... It names the ecosystem unit that judges the component. */
  readonly type: string
  /** Full name as its ecosystem writes it, with scope or namespace: `@babel/core`, `openssl`. */
  readonly name: string
  /** Empty for what is only declared in a range of versions: which one is there is not known, and nobody judges it. */
  readonly version: string
  /** Distribution and release, as `debian:12`; only for packages of an operating system. */
  readonly distro?: string
  readonly source?: SourcePackage
  readonly arch?: string
}

/** Where in a resource a component was found. */
export type Location = {
  /** Path from the resource's root, `/`-separated, without a leading slash. */
  readonly path: string
  /** Digest of the image layer that brought it, as `sha256:<hex>`. */
  readonly layer?: string
}

/** A component found in one place. Ownership, scope and layer belong here, not to the component. */
export type Occurrence = {
  readonly component: Component
  readonly at: Location
  /** Id of the extractor that saw it. */
  readonly extractor: string
  /** The operating system package whose file list names this path: the distribution judges it then. */
  readonly ownedBy?: string
  readonly scope?: Scope
  /** The versions a manifest asks for, as it writes them: `>=2.0,<3`. Only where the scope is `declared`. */
  readonly requirement?: string
  /** Asked for by the project itself, not by a dependency. */
  readonly direct?: boolean
  /** Packages this one was installed to satisfy, or that it needs, by purl; for the SBOM's dependency graph. */
  readonly dependsOn?: readonly string[]
  /** Licences as the package itself declares them: SPDX expressions where it writes those. */
  readonly licences?: readonly string[]
  /** Digests of the package's own file or archive, as recorded beside it: `sha256:<hex>`. */
  readonly hashes?: readonly string[]
}

/** What a component is there for. `declared`: a manifest asks for it, and nothing says that it is installed or in which version. */
export const scopes = ['runtime', 'dev', 'optional', 'peer', 'declared'] as const
export type Scope = (typeof scopes)[number]

/** Package URL types of what an operating system's own package manager installs: the distribution judges these. */
export const systemTypes: ReadonlySet<string> = new Set(['deb', 'rpm', 'apk', 'alpm', 'ebuild', 'opkg'])

/** Systems whose packages are of a type that is not in `systemTypes`, as others may have them, too, or no distribution judges them. */
export const typesOfSystems: Readonly<Record<string, string>> = { nixos: 'nix', 'ubuntu-core': 'snap', windows: 'windows' }

/** Something we saw but could not read. It is shown to the user; it is never taken for "nothing there". */
export type Gap = { readonly path: string; readonly extractor: string; readonly reason: string }

/** The operating system a tree holds, from `os-release` or its fall-backs. */
export type OperatingSystem = {
  /** `ID` of os-release: `debian`, `ubuntu`, `alpine` ... */
  readonly id: string
  /** `VERSION_ID`, or what stands for it on a rolling release. */
  readonly version?: string
  readonly codename?: string
  readonly name?: string
}

/**
 * Files that tell the operating system, the most exact first: `etc/os-release` before `usr/lib/os-release` (os-release(5)), both
 * before what a distribution had earlier, and a distribution's own before those that its derivatives have, too.
 */
export const osFiles: readonly string[] = [
  'etc/os-release',
  'usr/lib/os-release',
  // Bottlerocket keeps its system below the name of its machine.
  'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
  'aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
  'etc/oracle-release',
  'etc/rocky-release',
  'etc/almalinux-release',
  'etc/centos-release',
  'etc/fedora-release',
  'etc/photon-release',
  'etc/mariner-release',
  'etc/azurelinux-release',
  'etc/openEuler-release',
  'etc/euleros-release',
  'etc/cloudlinux-release',
  'etc/virtuozzo-release',
  'etc/mageia-release',
  'etc/mandriva-release',
  'etc/altlinux-release',
  'etc/system-release',
  'etc/redhat-release',
  'etc/SuSE-release',
  'etc/alpine-release',
  'etc/openwrt_release',
  'etc/gentoo-release',
  'etc/slackware-version',
  'etc/NIXOS',
  'etc/lsb-release',
  'etc/arch-release',
  'etc/debian_version',
]
