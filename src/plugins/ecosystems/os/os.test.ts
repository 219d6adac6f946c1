import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import { osFiles } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { osRelease } from './os-files.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
const read = (extractor: Extractor, path: string, content: string) => extractor.read(fileOf(path, content), near())
const gap = (extractor: string, path: string, reason: string) => ({ extractor, path, reason })

extractorContract(osRelease, {
  path: 'etc/os-release',
  content: fixture('os-release-12'),
  wants: osFiles,
  refuses: ['opt/etc/os-release', 'etc/issue', 'usr/share/doc/lsb-release'],
})

describe('os-release', () => {
  const os = async (path: string, text: string) => (await read(osRelease, path, text)).os
  it.each([
    [
      'etc/os-release',
      fixture('os-release-12'),
      { id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
    ],
    [
      'etc/os-release',
      'ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"\nVERSION_CODENAME=forky\n',
      { id: 'debian', codename: 'forky', name: 'Debian GNU/Linux forky/sid' },
    ],
    [
      'etc/os-release',
      'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\nVERSION_CODENAME=trixie\n',
      { id: 'debian', codename: 'trixie', name: 'Debian GNU/Linux trixie/sid' },
    ],
    ['etc/os-release', 'ID=debian\nVERSION_CODENAME=constructor\n', { id: 'debian', codename: 'constructor' }],
    ['etc/os-release', `ID=x\nVERSION_ID=${'1'.repeat(60_000)}\n`, { id: 'x', version: '1'.repeat(256) }],
    ['etc/os-release', 'ID=debian\nVERSION_CODENAME=bookworm\n', { id: 'debian', version: '12', codename: 'bookworm' }],
    [
      'usr/lib/os-release',
      "ID='alpine'\nVERSION_ID=3.20.1\nNAME='Alpine Linux'\n",
      { id: 'alpine', version: '3.20.1', name: 'Alpine Linux' },
    ],
    [
      'usr/lib/os-release',
      '# a comment\n  ID="Ubuntu"\nVERSION_ID="24.04"\nPRETTY_NAME="a \\"b\\" \\$c"\n',
      { id: 'ubuntu', version: '24.04', name: 'a "b" $c' },
    ],
    ['usr/lib/os-release', 'NAME=Something\n', { id: 'linux', name: 'Something' }],
    ['etc/debian_version', '12.5\n', { id: 'debian', version: '12' }],
    ['etc/debian_version', '9\n', { id: 'debian', version: '9' }],
    ['etc/debian_version', '6.0.10\n', { id: 'debian', version: '6.0' }],
    ['etc/debian_version', '3.1\n', { id: 'debian', version: '3.1' }],
    ['etc/debian_version', 'forky/sid\n', { id: 'debian', codename: 'forky' }],
    ['etc/debian_version', 'bullseye\n', { id: 'debian', codename: 'bullseye', version: '11' }],
  ])('%s %j', async (path, text, expected) => expect(await os(path, text)).toEqual(expected))

  it.each([
    ['etc/os-release', 'ID=$(reboot)\n', 'expected lower case letters, digits and . _ - in ID, got "$(reboot)"'],
    ['etc/debian_version', '<html>\n', 'expected a release number or codename, got "<html>"'],
    ['etc/os-release', ' '.repeat(70_000), 'expected at most 65536 bytes, got 70000'],
  ])('says what is wrong with %s', async (path, text, reason) => {
    expect(await read(osRelease, path, text)).toEqual({ occurrences: [], gaps: [gap('os/release', path, reason)] })
  })
})

/** As they stand on the systems themselves: distribution, file, content, what it is. */
const systems: readonly (readonly [string, string, string, object])[] = [
  ['Debian', 'usr/lib/os-release', 'ID=debian\nVERSION_ID="13"\n', { id: 'debian', version: '13' }],
  [
    'distroless',
    'usr/lib/os-release',
    'PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="12"\n',
    { id: 'debian', version: '12', name: 'Distroless' },
  ],
  [
    'Ubuntu',
    'etc/os-release',
    'ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n',
    { id: 'ubuntu', version: '24.04', codename: 'noble' },
  ],
  [
    'Ubuntu before os-release',
    'etc/lsb-release',
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\nDISTRIB_DESCRIPTION="Ubuntu 10.04.4 LTS"\n',
    { id: 'ubuntu', version: '10.04', codename: 'lucid', name: 'Ubuntu 10.04.4 LTS' },
  ],
  ['Linux Mint', 'etc/lsb-release', 'DISTRIB_ID=LinuxMint\nDISTRIB_RELEASE=17\n', { id: 'linuxmint', version: '17' }],
  ['RHEL 9', 'etc/os-release', 'ID="rhel"\nVERSION_ID="9.4"\n', { id: 'rhel', version: '9.4' }],
  [
    'RHEL 6',
    'etc/redhat-release',
    'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n',
    { id: 'rhel', version: '6.10', name: 'Red Hat Enterprise Linux Server release 6.10 (Santiago)' },
  ],
  [
    'CentOS 7',
    'etc/centos-release',
    'CentOS Linux release 7.9.2009 (Core)\n',
    { id: 'centos', version: '7.9', name: 'CentOS Linux release 7.9.2009 (Core)' },
  ],
  [
    'CentOS 6',
    'etc/redhat-release',
    'CentOS release 6.10 (Final)\n',
    { id: 'centos', version: '6.10', name: 'CentOS release 6.10 (Final)' },
  ],
  ['CentOS Stream', 'etc/centos-release', 'CentOS Stream release 9\n', { id: 'centos', version: '9', name: 'CentOS Stream release 9' }],
  [
    'AlmaLinux',
    'etc/almalinux-release',
    'AlmaLinux release 8.9 (Midnight Oncilla)\n',
    { id: 'almalinux', version: '8.9', name: 'AlmaLinux release 8.9 (Midnight Oncilla)' },
  ],
  [
    'Rocky Linux',
    'etc/rocky-release',
    'Rocky Linux release 9.2 (Blue Onyx)\n',
    { id: 'rocky', version: '9.2', name: 'Rocky Linux release 9.2 (Blue Onyx)' },
  ],
  [
    'Oracle Linux',
    'etc/oracle-release',
    'Oracle Linux Server release 6.10\n',
    { id: 'ol', version: '6.10', name: 'Oracle Linux Server release 6.10' },
  ],
  [
    'Scientific Linux',
    'etc/redhat-release',
    'Scientific Linux release 7.9 (Nitrogen)\n',
    { id: 'scientific', version: '7.9', name: 'Scientific Linux release 7.9 (Nitrogen)' },
  ],
  [
    'CloudLinux',
    'etc/redhat-release',
    'CloudLinux release 8.8 (Anatoly Filipchenko)\n',
    { id: 'cloudlinux', version: '8.8', name: 'CloudLinux release 8.8 (Anatoly Filipchenko)' },
  ],
  [
    'Fedora',
    'etc/fedora-release',
    'Fedora release 39 (Thirty Nine)\n',
    { id: 'fedora', version: '39', name: 'Fedora release 39 (Thirty Nine)' },
  ],
  [
    'Amazon Linux 1',
    'etc/system-release',
    'Amazon Linux AMI release 2018.03\n',
    { id: 'amzn', version: '2018.03', name: 'Amazon Linux AMI release 2018.03' },
  ],
  [
    'Amazon Linux 2',
    'etc/system-release',
    'Amazon Linux release 2 (Karoo)\n',
    { id: 'amzn', version: '2', name: 'Amazon Linux release 2 (Karoo)' },
  ],
  [
    'Amazon Linux 2023',
    'etc/system-release',
    'Amazon Linux release 2023.4.20240401 (Amazon Linux)\n',
    { id: 'amzn', version: '2023', name: 'Amazon Linux release 2023.4.20240401 (Amazon Linux)' },
  ],
  [
    'Photon OS',
    'etc/photon-release',
    'VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=1526e30ba\n',
    { id: 'photon', version: '4.0', name: 'VMware Photon OS 4.0' },
  ],
  ['CBL-Mariner', 'etc/mariner-release', 'CBL-Mariner 2.0.20240301\n', { id: 'mariner', version: '2.0', name: 'CBL-Mariner 2.0.20240301' }],
  [
    'openEuler',
    'etc/openEuler-release',
    'openEuler release 22.03 (LTS-SP3)\n',
    { id: 'openeuler', version: '22.03', name: 'openEuler release 22.03 (LTS-SP3)' },
  ],
  [
    'SLES 11',
    'etc/SuSE-release',
    'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
    { id: 'sles', version: '11.4', name: 'SUSE Linux Enterprise Server 11 (x86_64)' },
  ],
  [
    'SLES 12 without a service pack',
    'etc/SuSE-release',
    'SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n',
    { id: 'sles', version: '12', name: 'SUSE Linux Enterprise Server 12 (x86_64)' },
  ],
  [
    'openSUSE',
    'etc/SuSE-release',
    'openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin\n',
    { id: 'opensuse', version: '13.2', name: 'openSUSE 13.2 (x86_64)' },
  ],
  [
    'openSUSE Tumbleweed',
    'usr/lib/os-release',
    'ID="opensuse-tumbleweed"\nVERSION_ID="20260801"\n',
    { id: 'opensuse-tumbleweed', version: '20260801' },
  ],
  [
    'Mageia',
    'etc/mageia-release',
    'Mageia release 9 (Official) for x86_64\n',
    { id: 'mageia', version: '9', name: 'Mageia release 9 (Official) for x86_64' },
  ],
  ['Alpine', 'etc/alpine-release', '3.19.1\n', { id: 'alpine', version: '3.19.1', name: 'Alpine Linux v3.19.1' }],
  [
    'Alpine in development',
    'etc/alpine-release',
    '3.24_alpha20260805\n',
    { id: 'alpine', version: '3.24_alpha20260805', name: 'Alpine Linux v3.24_alpha20260805' },
  ],
  ['Wolfi', 'etc/os-release', 'ID=wolfi\nNAME="Wolfi"\nVERSION_ID="20230201"\n', { id: 'wolfi', version: '20230201', name: 'Wolfi' }],
  ['Chainguard', 'etc/os-release', 'ID=chainguard\nVERSION_ID="20230214"\n', { id: 'chainguard', version: '20230214' }],
  ['Arch Linux', 'usr/lib/os-release', 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n', { id: 'arch', name: 'Arch Linux' }],
  ['Arch Linux by its empty file', 'etc/arch-release', '', { id: 'arch', name: 'Arch Linux' }],
  ['Manjaro', 'etc/lsb-release', 'DISTRIB_ID="ManjaroLinux"\nDISTRIB_RELEASE="rolling"\n', { id: 'manjaro' }],
  [
    'Gentoo',
    'etc/gentoo-release',
    'Gentoo Base System release 2.14\n',
    { id: 'gentoo', version: '2.14', name: 'Gentoo Base System release 2.14' },
  ],
  ['Slackware', 'etc/slackware-version', 'Slackware 14.2\n', { id: 'slackware', version: '14.2', name: 'Slackware 14.2' }],
  [
    'OpenWrt',
    'etc/openwrt_release',
    "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='23.05.3'\nDISTRIB_DESCRIPTION='OpenWrt 23.05.3 r23809'\n",
    { id: 'openwrt', version: '23.05.3', name: 'OpenWrt 23.05.3 r23809' },
  ],
  ['NixOS', 'etc/NIXOS', '', { id: 'nixos', name: 'NixOS' }],
  ['NixOS with its os-release', 'etc/os-release', 'ID=nixos\nVERSION_ID="24.05"\n', { id: 'nixos', version: '24.05' }],
  [
    'Bottlerocket',
    'x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release',
    'ID=bottlerocket\nVERSION_ID=1.19.4\n',
    { id: 'bottlerocket', version: '1.19.4' },
  ],
  ['Flatcar', 'usr/lib/os-release', 'ID=flatcar\nID_LIKE=coreos\nVERSION_ID=3815.2.5\n', { id: 'flatcar', version: '3815.2.5' }],
  ['Void', 'etc/os-release', 'NAME="Void"\nID="void"\n', { id: 'void', name: 'Void' }],
]

describe('operating systems', () => {
  it.each(systems)('%s', async (_, path, content, expected) => {
    expect(await read(osRelease, path, content)).toEqual({ occurrences: [], gaps: [], os: expected })
  })
  it.each([
    ['etc/redhat-release', '<html>\n', 'expected the name of a distribution and its release, got "<html>"'],
    ['etc/system-release', '', 'expected the name of a distribution and its release, got ""'],
    ['etc/alpine-release', 'edge\n', 'expected a release of Alpine, got "edge"'],
    ['etc/lsb-release', 'LSB_VERSION=1.4\n', 'expected the id of a distribution in DISTRIB_ID, got ""'],
    ['etc/lsb-release', 'DISTRIB_ID=constructor;x\n', 'expected the id of a distribution in DISTRIB_ID, got "constructor;x"'],
  ])('says what is wrong with %s: %j', async (path, content, reason) => {
    expect(await read(osRelease, path, content)).toEqual({ occurrences: [], gaps: [gap('os/release', path, reason)] })
  })
})
