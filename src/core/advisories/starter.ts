import type { Advisory, Range } from '../../model/advisory.ts'

/** Name under which the starter set is held, beside those of feeds: `osv/Debian`, `kev`. */
export const starterFeed = 'starter'

const bare = { is: 'advisory', aliases: [], bundles: [], references: [], cwes: [] } as const

/**
 * Well-known vulnerabilities, written by hand, for when no feed can be reached: enough to show the product, never enough to
 * call anything safe. Every answer that rests on it says so. Facts as the Debian security tracker and the GitHub Advisory
 * Database publish them; the words are ours.
 */
export const starterSet: readonly Advisory[] = [
  debian(
    'CVE-2014-0160',
    '2014-04-07',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
    'OpenSSL: the heartbeat extension answers with memory it should not (Heartbleed)',
    {
      openssl: { 11: '1.0.1g-1', 12: '1.0.1g-1', 13: '1.0.1g-1' },
    },
  ),
  debian(
    'CVE-2014-6271',
    '2014-09-24',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'Bash: commands after a function definition in a variable are run (Shellshock)',
    {
      bash: { 11: '4.3-9.1', 12: '4.3-9.1', 13: '4.3-9.1' },
    },
  ),
  debian(
    'CVE-2016-5195',
    '2016-11-10',
    'AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'Linux: a race in copy-on-write makes read-only memory writable (Dirty COW)',
    {
      linux: { 11: '4.7.8-1', 12: '4.7.8-1', 13: '4.7.8-1' },
    },
  ),
  debian(
    'CVE-2021-3156',
    '2021-01-26',
    'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'sudo: heap overflow while unescaping arguments gives root (Baron Samedit)',
    {
      sudo: { 11: '1.9.5p1-1.1', 12: '1.9.5p1-1.1', 13: '1.9.5p1-1.1' },
    },
  ),
  debian(
    'CVE-2021-4034',
    '2022-01-28',
    'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'polkit: pkexec reads past an empty argument list and gives root (PwnKit)',
    {
      'policykit-1': { 11: '0.105-31+deb11u1', 12: '0.105-31.1', 13: '0.105-31.1' },
    },
  ),
  debian(
    'CVE-2021-44228',
    '2021-12-10',
    'AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
    'Log4j: a logged lookup loads and runs remote code (Log4Shell)',
    {
      'apache-log4j2': { 11: '2.15.0-1~deb11u1', 12: '2.15.0-1', 13: '2.15.0-1' },
    },
  ),
  debian(
    'CVE-2021-45046',
    '2021-12-14',
    'AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H',
    'Log4j: the first fix of Log4Shell left lookups of context data open',
    {
      'apache-log4j2': { 11: '2.16.0-1~deb11u1', 12: '2.16.0-1', 13: '2.16.0-1' },
    },
  ),
  debian(
    'CVE-2022-0847',
    '2022-03-10',
    'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'Linux: a stale pipe flag lets anyone overwrite read-only files (Dirty Pipe)',
    {
      linux: { 11: '5.10.92-2', 12: '5.16.11-1', 13: '5.16.11-1' },
    },
  ),
  debian(
    'CVE-2022-1271',
    '2022-08-31',
    'AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'zgrep and xzgrep: a crafted file name writes to files of the attacker’s choice',
    {
      gzip: { 11: '1.10-4+deb11u1', 12: '1.12-1', 13: '1.12-1' },
      'xz-utils': { 11: '5.2.5-2.1~deb11u1', 12: '5.2.5-2.1', 13: '5.2.5-2.1' },
    },
  ),
  debian(
    'CVE-2022-37434',
    '2022-08-05',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'zlib: heap overflow when inflating a large gzip header field',
    {
      zlib: { 11: '1:1.2.11.dfsg-2+deb11u2', 12: '1:1.2.11.dfsg-4.1', 13: '1:1.2.11.dfsg-4.1' },
    },
  ),
  debian(
    'CVE-2022-3602',
    '2022-11-01',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'OpenSSL 3: stack overflow in the name checks of certificates',
    {
      openssl: { 12: '3.0.7-1', 13: '3.0.7-1' },
    },
  ),
  debian(
    'CVE-2023-38545',
    '2023-10-18',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'curl: heap overflow when a SOCKS5 proxy resolves a long host name',
    {
      curl: { 11: '7.74.0-1.3+deb11u10', 12: '7.88.1-10+deb12u4', 13: '8.3.0-3' },
    },
  ),
  debian(
    'CVE-2023-4863',
    '2023-09-12',
    'AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H',
    'libwebp: heap overflow while building Huffman tables of a lossless image',
    {
      libwebp: { 11: '0.6.1-2.1+deb11u2', 12: '1.2.4-0.2+deb12u1', 13: '1.2.4-0.3' },
    },
  ),
  debian(
    'CVE-2023-4911',
    '2023-10-03',
    'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
    'glibc: the loader overflows a buffer on GLIBC_TUNABLES and gives root (Looney Tunables)',
    {
      glibc: { 11: '2.31-13+deb11u7', 12: '2.36-9+deb12u3', 13: '2.37-12' },
    },
  ),
  debian('CVE-2024-1086', '2024-01-31', 'AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', 'Linux: use after free in nf_tables gives root', {
    linux: { 11: '5.10.209-2', 12: '6.1.76-1', 13: '6.6.15-1' },
  }),
  debian('CVE-2024-3094', '2024-03-29', 'AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 'xz: released archives carry a backdoor that reaches sshd', {
    'xz-utils': { 13: '5.6.1+really5.4.5-1' },
  }),
  debian(
    'CVE-2024-6387',
    '2024-07-01',
    'AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'OpenSSH: a signal race in sshd before login gives root (regreSSHion)',
    {
      openssh: { 12: '1:9.2p1-2+deb12u3', 13: '1:9.7p1-7' },
    },
  ),

  npm(
    'GHSA-jf85-cpcp-j695',
    'CVE-2019-10744',
    '2019-07-10',
    'CRITICAL',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H',
    'lodash: defaultsDeep lets input change the prototype of all objects',
    {
      lodash: [['0', '4.17.12']],
      'lodash-es': [['0', '4.17.14']],
      'lodash-amd': [['0', '4.17.13']],
      'lodash.defaultsdeep': [['0', '4.6.1']],
    },
  ),
  npm(
    'GHSA-35jh-r3h4-6jhm',
    'CVE-2021-23337',
    '2021-05-06',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H',
    'lodash: options of template are run as code',
    {
      lodash: [['0', '4.17.21']],
      'lodash-es': [['0', '4.17.21']],
    },
  ),
  npm(
    'GHSA-xvch-5gv4-984h',
    'CVE-2021-44906',
    '2022-03-18',
    'CRITICAL',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'minimist: arguments can change the prototype of all objects',
    {
      minimist: [
        ['1.0.0', '1.2.6'],
        ['0', '0.2.4'],
      ],
    },
  ),
  npm(
    'GHSA-4w2v-q235-vp99',
    'CVE-2020-28168',
    '2021-01-04',
    'MODERATE',
    'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N',
    'axios: a redirect leads around the proxy',
    {
      axios: [['0', '0.21.1']],
    },
  ),
  npm(
    'GHSA-cph5-m8f7-6c5x',
    'CVE-2021-3749',
    '2021-09-01',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'axios: trimming a crafted text takes very long',
    {
      axios: [['0', '0.21.2']],
    },
  ),
  npm(
    'GHSA-wf5p-g6vw-rhxx',
    'CVE-2023-45857',
    '2023-11-08',
    'MODERATE',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:N/A:N',
    'axios: the anti-forgery token is sent to other hosts',
    {
      axios: [
        ['1.0.0', '1.6.0'],
        ['0.8.1', '0.28.0'],
      ],
    },
  ),
  npm(
    'GHSA-c2qf-rxjj-qqgw',
    'CVE-2022-25883',
    '2023-06-21',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'semver: reading a crafted range takes very long',
    {
      semver: [
        ['7.0.0', '7.5.2'],
        ['6.0.0', '6.3.1'],
        ['0', '5.7.2'],
      ],
    },
  ),
  npm(
    'GHSA-9c47-m6qq-7p4h',
    'CVE-2022-46175',
    '2022-12-29',
    'HIGH',
    'CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:H/I:L/A:H',
    'json5: a __proto__ key sets the prototype of the parsed object',
    {
      json5: [
        ['2.0.0', '2.2.2'],
        ['0', '1.0.2'],
      ],
    },
  ),
  npm(
    'GHSA-8hfj-j24r-96c4',
    'CVE-2022-24785',
    '2022-04-04',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N',
    'moment: the name of a locale can lead out of its folder',
    {
      moment: [['0', '2.29.2']],
    },
  ),
  npm(
    'GHSA-grv7-fg5c-xmjg',
    'CVE-2024-4068',
    '2024-05-14',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'braces: unbalanced braces use up the memory',
    {
      braces: [['0', '3.0.3']],
    },
  ),
  npm(
    'GHSA-3xgq-45jj-v275',
    'CVE-2024-21538',
    '2024-11-08',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'cross-spawn: escaping a crafted argument takes very long',
    {
      'cross-spawn': [
        ['7.0.0', '7.0.5'],
        ['0', '6.0.6'],
      ],
    },
  ),
  npm(
    'GHSA-f8q6-p94x-37v3',
    'CVE-2022-3517',
    '2022-10-18',
    'HIGH',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
    'minimatch: expanding crafted braces takes very long',
    {
      minimatch: [['0', '3.0.5']],
    },
  ),
]

/** Fixed versions by source package and release. */
type Fixes = Readonly<Record<string, Readonly<Record<number, string>>>>

function debian(id: string, published: string, vector: string, summary: string, fixes: Fixes): Advisory {
  return {
    ...bare,
    id,
    source: 'DEBIAN',
    url: `https://security-tracker.debian.org/tracker/${id}`,
    published: `${published}T00:00:00Z`,
    summary,
    severities: [{ type: 'CVSS_V3', vector: `CVSS:3.1/${vector}`, source: 'NVD' }],
    affected: Object.entries(fixes).flatMap(([name, releases]) =>
      Object.entries(releases).map(([release, fixed]) => ({
        ecosystem: `Debian:${release}`,
        name,
        ranges: [range('ECOSYSTEM', '0', fixed)],
        versions: [],
      })),
    ),
  }
}

function npm(
  id: string,
  cve: string,
  published: string,
  vendorSeverity: string,
  vector: string,
  summary: string,
  packages: Readonly<Record<string, readonly (readonly [introduced: string, fixed: string])[]>>,
): Advisory {
  return {
    ...bare,
    id,
    source: 'GITHUB',
    url: `https://github.com/advisories/${id}`,
    aliases: [cve],
    published: `${published}T00:00:00Z`,
    summary,
    severities: [{ type: 'CVSS_V3', vector, source: 'GITHUB' }],
    vendorSeverity,
    affected: Object.entries(packages).map(([name, ranges]) => ({
      ecosystem: 'npm',
      name,
      ranges: ranges.map(([introduced, fixed]) => range('SEMVER', introduced, fixed)),
      versions: [],
    })),
  }
}

function range(type: Range['type'], introduced: string, fixed: string): Range {
  return { type, events: [{ introduced }, { fixed }] }
}
