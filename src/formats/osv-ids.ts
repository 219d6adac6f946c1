/** Who publishes ids of a prefix, and whether its records are bundles that speak for the CVEs they name. */
type Publisher = { readonly source: string; readonly bundle?: true; readonly page?: (id: string) => string }

const debianPage = (id: string) => `https://security-tracker.debian.org/tracker/${id.replace(/^DEBIAN-(?=CVE-)/, '')}`
const redHat: Publisher = { source: 'REDHAT', bundle: true, page: (id) => `https://access.redhat.com/errata/${id}` }
const alma: Publisher = { source: 'ALMALINUX', bundle: true }
const rocky: Publisher = { source: 'ROCKY', bundle: true, page: (id) => `https://errata.rockylinux.org/${id}` }
const suse: Publisher = { source: 'SUSE', bundle: true }
const debianBundle: Publisher = { source: 'DEBIAN', bundle: true, page: debianPage }

/** By the longest prefix that fits (OSV schema, section id and its list of databases). */
const publishers: Readonly<Record<string, Publisher>> = {
  'DEBIAN-CVE': { source: 'DEBIAN', page: debianPage },
  DSA: debianBundle,
  DLA: debianBundle,
  DTSA: debianBundle,
  'UBUNTU-CVE': { source: 'UBUNTU', page: (id) => `https://ubuntu.com/security/${id.slice('UBUNTU-'.length)}` },
  USN: { source: 'UBUNTU', bundle: true, page: (id) => `https://ubuntu.com/security/notices/${id}` },
  LSN: { source: 'UBUNTU', bundle: true, page: (id) => `https://ubuntu.com/security/notices/${id}` },
  'ALPINE-CVE': { source: 'ALPINE', page: (id) => `https://security.alpinelinux.org/vuln/${id.slice('ALPINE-'.length)}` },
  RHSA: redHat,
  RHBA: redHat,
  RHEA: redHat,
  ALSA: alma,
  ALBA: alma,
  ALEA: alma,
  RLSA: rocky,
  RXSA: rocky,
  'SUSE-SU': suse,
  'SUSE-RU': suse,
  'SUSE-FU': suse,
  'SUSE-OU': suse,
  'openSUSE-SU': suse,
  'openSUSE-RU': suse,
  MGASA: { source: 'MAGEIA', bundle: true },
  ALAS: { source: 'AMAZON', bundle: true },
  ALAS2: { source: 'AMAZON', bundle: true },
  ALAS2023: { source: 'AMAZON', bundle: true },
  ELSA: { source: 'ORACLE', bundle: true },
  GHSA: { source: 'GITHUB', page: (id) => `https://github.com/advisories/${id}` },
  MAL: { source: 'OPENSSF' },
  GO: { source: 'GO', page: (id) => `https://pkg.go.dev/vuln/${id}` },
  PYSEC: { source: 'PYPA' },
  RUSTSEC: { source: 'RUSTSEC', page: (id) => `https://rustsec.org/advisories/${id}.html` },
  BIT: { source: 'BITNAMI' },
  OSV: { source: 'OSSFUZZ' },
  PSF: { source: 'PSF' },
  CURL: { source: 'CURL' },
  GSD: { source: 'GSD' },
  CGA: { source: 'CHAINGUARD' },
}

/** Families whose publishers still write plain CVE ids: the record is theirs, whatever its id. */
const ownersOfPlainCves: readonly (readonly [family: string, source: string, page: (id: string) => string])[] = [
  ['Debian', 'DEBIAN', debianPage],
  ['Ubuntu', 'UBUNTU', (id) => `https://ubuntu.com/security/${id}`],
  ['Alpine', 'ALPINE', (id) => `https://security.alpinelinux.org/vuln/${id}`],
]

const cve = /^CVE-\d{4}-\d{4,}$/
const wrappedCve = /^[A-Za-z]+-(CVE-\d{4}-\d{4,})$/

/** The CVE an id is or carries: `DEBIAN-CVE-2024-1234` is Debian's record of `CVE-2024-1234`. */
export function cveOf(id: string): string | undefined {
  return cve.test(id) ? id : wrappedCve.exec(id)?.[1]
}

export type Origin = {
  readonly source: string
  readonly url: string
  readonly bundle: boolean
  /** Who wrote the CVSS vectors of such a record: converted CVE records carry NVD's. */
  readonly scoredBy: string
}

/** Publisher of a record, by its id and by the OSV families it speaks of. */
export function originOf(id: string, families: ReadonlySet<string>): Origin {
  if (cve.test(id)) {
    const [, source, page] = ownersOfPlainCves.find(([family]) => families.has(family)) ?? [
      '',
      'NVD',
      (name: string) => `https://nvd.nist.gov/vuln/detail/${name}`,
    ]
    return { source, url: page(id), bundle: false, scoredBy: 'NVD' }
  }
  const words = id.split('-')
  const found = publishers[`${words[0]}-${words[1]}`] ?? publishers[words[0] ?? '']
  const source = found?.source ?? (words[0] ?? id).toUpperCase()
  const converted = source === 'DEBIAN' || source === 'ALPINE'
  return {
    source,
    url: found?.page?.(id) ?? `https://osv.dev/vulnerability/${id}`,
    bundle: found?.bundle ?? false,
    scoredBy: converted && wrappedCve.test(id) ? 'NVD' : source,
  }
}
