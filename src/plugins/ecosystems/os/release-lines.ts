import type { OperatingSystem } from '../../../model/component.ts'
import { assignments } from './os-release.ts'

/** How names in release files begin, and the `ID` that the distribution's os-release has today. The longer of two beginnings first. */
const ids: readonly (readonly [begins: string, id: string])[] = [
  ['Red Hat Enterprise Linux', 'rhel'],
  ['CentOS', 'centos'],
  ['Rocky Linux', 'rocky'],
  ['AlmaLinux', 'almalinux'],
  ['Oracle Linux', 'ol'],
  ['Enterprise Linux Enterprise Linux', 'ol'],
  ['Enterprise Linux', 'ol'],
  ['Scientific Linux', 'scientific'],
  ['CloudLinux', 'cloudlinux'],
  ['EuroLinux', 'eurolinux'],
  ['MIRACLE LINUX', 'miraclelinux'],
  ['Virtuozzo', 'virtuozzo'],
  ['XCP-ng', 'xenenterprise'],
  ['XenServer', 'xenenterprise'],
  ['Fedora', 'fedora'],
  ['Amazon Linux', 'amzn'],
  ['VMware Photon', 'photon'],
  ['Photon', 'photon'],
  ['CBL-Mariner', 'mariner'],
  ['Microsoft Azure Linux', 'azurelinux'],
  ['Azure Linux', 'azurelinux'],
  ['openEuler', 'openeuler'],
  ['EulerOS', 'euleros'],
  ['Anolis OS', 'anolis'],
  ['TencentOS', 'tencentos'],
  ['Kylin Linux', 'kylin'],
  ['SUSE Linux Enterprise Desktop', 'sled'],
  ['SUSE Linux Enterprise', 'sles'],
  ['openSUSE', 'opensuse'],
  ['Mageia', 'mageia'],
  ['OpenMandriva', 'openmandriva'],
  ['Mandriva', 'mandriva'],
  ['ALT ', 'altlinux'],
  ['Gentoo', 'gentoo'],
  ['Slackware', 'slackware'],
]

/** Characters of a name. */
const LONGEST_NAME = 256

/** `CentOS Linux release 7.9.2009 (Core)`, `VMware Photon OS 4.0`, `Slackware 14.2`: the name, the version, what else there is. */
export function fromReleaseLine(text: string): OperatingSystem | string {
  const line = (/^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '').trimEnd().slice(0, LONGEST_NAME)
  const id = idOf(line)
  if (id === undefined) return `expected the name of a distribution and its release, got ${JSON.stringify(line.slice(0, 80))}`
  // Updates of a release have a third number (`7.9.2009`); os-release and advisories go without.
  const number = /(?:^|\s)v?(\d{1,8}(?:\.\d{1,8})?)/.exec(line)?.[1]
  // Amazon Linux 2023 counts its updates in the second number; the years of the first one were releases of their own.
  const version = id === 'amzn' ? number?.replace(/^(20[2-9]\d)\..*$/, '$1') : number
  return { id, ...(version !== undefined && { version }), name: line }
}

function idOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  return ids.find(([begins]) => lower.startsWith(begins.toLowerCase()))?.[1]
}

/** The first line names it, `VERSION = 11` and `PATCHLEVEL = 4` the release: `11.4`. */
export function fromSuseRelease(text: string): OperatingSystem | string {
  const os = fromReleaseLine(text)
  if (typeof os === 'string') return os
  const number = (key: string) => new RegExp(`^${key}\\s{0,9}=\\s{0,9}(\\d{1,4}(?:\\.\\d{1,4})?)\\s*$`, 'm').exec(text)?.[1]
  const level = number('PATCHLEVEL')
  const version = number('VERSION') ?? os.version
  const whole = version !== undefined && level !== undefined && level !== '0' && !version.includes('.') ? `${version}.${level}` : version
  return { ...os, ...(whole !== undefined && { version: whole }) }
}

/** `3.19.1`, or `3.24_alpha20260805` of the development branch. */
export function fromAlpineRelease(text: string): OperatingSystem | string {
  const version = text.trim()
  if (!/^\d{1,4}(?:\.\d{1,4}){1,2}(?:_[a-z]{1,8}\d{0,10})?$/.test(version))
    return `expected a release of Alpine, got ${JSON.stringify(version.slice(0, 80))}`
  return { id: 'alpine', version, name: `Alpine Linux v${version}` }
}

/** Ids of lsb_release(1) that are not the os-release's in lower case. */
const lsbIds: Readonly<Record<string, string>> = {
  ManjaroLinux: 'manjaro',
  RedHatEnterprise: 'rhel',
  RedHatEnterpriseServer: 'rhel',
  RedHatEnterpriseWorkstation: 'rhel',
  OracleServer: 'ol',
  AmazonAMI: 'amzn',
  'SUSE LINUX': 'sles',
  'openSUSE project': 'opensuse',
  Chrome: 'chromeos',
}

/** `DISTRIB_ID`, `DISTRIB_RELEASE`, `DISTRIB_CODENAME`, `DISTRIB_DESCRIPTION`. */
export function fromLsbRelease(text: string): OperatingSystem | string {
  const values = assignments(text)
  const named = values.get('DISTRIB_ID') ?? ''
  const id = Object.hasOwn(lsbIds, named) ? lsbIds[named] : named.toLowerCase().replaceAll(' ', '')
  if (id === undefined || !/^[a-z0-9._-]{1,64}$/.test(id))
    return `expected the id of a distribution in DISTRIB_ID, got ${JSON.stringify(named.slice(0, 80))}`
  const release = values.get('DISTRIB_RELEASE')
  const version = release === undefined || /^(?:rolling|n\/a|testing|unstable)?$/i.test(release) ? undefined : release
  const codename = values.get('DISTRIB_CODENAME')
  const name = values.get('DISTRIB_DESCRIPTION')
  return { id, ...(version !== undefined && { version }), ...(codename && { codename }), ...(name && { name }) }
}

/** Files that are there and say nothing: the distribution has no releases, or does not tell its own here. */
export function rolling(id: string, name: string): () => OperatingSystem {
  return () => ({ id, name })
}
