import type { OperatingSystem } from '../../model/component.ts'

/** Releases of a distribution: how many numbers of the version name one, and the day each gets its last security updates. */
type Lifecycle = { readonly numbers: 1 | 2 | 3; readonly ends: Readonly<Record<string, string>> }

/**
 * The last day on which everybody gets security updates from the distribution itself: with the long-term support of volunteers
 * (Debian LTS), without what is sold or asks for an account (ELTS, Ubuntu Pro, ELS, LTSS, Extended Support, Extended Security Updates). Taken from the
 * distributions' lifecycle pages and Debian's package distro-info-data 0.58; a month without a day counts to its end. A release
 * that is not here has no day that is known.
 */
const lifecycles: Readonly<Record<string, Lifecycle>> = {
  debian: {
    numbers: 1,
    ends: {
      ...{ 4: '2010-02-15', 5: '2012-02-06', 6: '2016-02-29', 7: '2018-05-31', 8: '2020-06-30', 9: '2022-06-30' },
      ...{ 10: '2024-06-30', 11: '2026-08-31', 12: '2028-06-30', 13: '2030-06-30' },
    },
  },
  ubuntu: {
    numbers: 2,
    ends: {
      ...{ '12.04': '2017-04-28', '14.04': '2019-04-25', '16.04': '2021-04-30', '18.04': '2023-05-31', '20.04': '2025-05-29' },
      ...{ '22.04': '2027-06-01', '24.04': '2029-05-31', '26.04': '2031-05-29' },
      ...{ '18.10': '2019-07-18', '19.04': '2020-01-23', '19.10': '2020-07-17', '20.10': '2021-07-22', '21.04': '2022-01-20' },
      ...{ '21.10': '2022-07-14', '22.10': '2023-07-20', '23.04': '2024-01-25', '23.10': '2024-07-11', '24.10': '2025-07-10' },
      ...{ '25.04': '2026-01-15', '25.10': '2026-07-09', '26.10': '2027-07-15' },
    },
  },
  alpine: {
    numbers: 2,
    ends: {
      ...{ '3.2': '2017-05-01', '3.3': '2017-11-01', '3.4': '2018-05-01', '3.5': '2018-11-01', '3.6': '2019-05-01', '3.7': '2019-11-01' },
      ...{ '3.8': '2020-05-01', '3.9': '2020-11-01', '3.10': '2021-05-01', '3.11': '2021-11-01', '3.12': '2022-05-01' },
      ...{ '3.13': '2022-11-01', '3.14': '2023-05-01', '3.15': '2023-11-01', '3.16': '2024-05-23', '3.17': '2024-11-22' },
      ...{ '3.18': '2025-05-09', '3.19': '2025-11-01', '3.20': '2026-04-01', '3.21': '2026-11-01', '3.22': '2027-05-01' },
      ...{ '3.23': '2027-11-01' },
    },
  },
  rhel: {
    numbers: 1,
    ends: {
      ...{ 4: '2012-02-29', 5: '2017-03-31', 6: '2020-11-30', 7: '2024-06-30', 8: '2029-05-31', 9: '2032-05-31', 10: '2035-05-31' },
    },
  },
  centos: { numbers: 1, ends: { 5: '2017-03-31', 6: '2020-11-30', 7: '2024-06-30', 8: '2021-12-31' } },
  'centos-stream': { numbers: 1, ends: { 8: '2024-05-31', 9: '2027-05-31' } },
  almalinux: { numbers: 1, ends: { 8: '2029-03-01', 9: '2032-05-31', 10: '2035-05-31' } },
  rocky: { numbers: 1, ends: { 8: '2029-05-31', 9: '2032-05-31', 10: '2035-05-31' } },
  ol: { numbers: 1, ends: { 6: '2021-03-31', 7: '2024-12-31', 8: '2029-07-31', 9: '2032-06-30' } },
  fedora: {
    numbers: 1,
    ends: {
      ...{ 30: '2020-05-26', 31: '2020-11-24', 32: '2021-05-25', 33: '2021-11-30', 34: '2022-06-07', 35: '2022-12-13', 36: '2023-05-16' },
      ...{ 37: '2023-12-05', 38: '2024-05-21', 39: '2024-11-26', 40: '2025-05-13', 41: '2025-12-15', 42: '2026-05-13', 43: '2026-12-09' },
    },
  },
  amzn: { numbers: 2, ends: { '2018.03': '2023-12-31', 2: '2026-06-30', 2023: '2029-06-30' } },
  sles: {
    numbers: 2,
    ends: {
      ...{ 11: '2010-12-31', '11.1': '2012-08-31', '11.2': '2014-01-31', '11.3': '2016-01-31', '11.4': '2019-03-31' },
      ...{ 12: '2016-06-30', '12.1': '2017-05-31', '12.2': '2018-03-31', '12.3': '2019-06-30', '12.4': '2020-06-30', '12.5': '2024-10-31' },
      ...{ 15: '2019-12-31', '15.1': '2021-01-31', '15.2': '2021-12-31', '15.3': '2022-12-31', '15.4': '2023-12-31' },
      ...{ '15.5': '2024-12-31', '15.6': '2025-12-31', '15.7': '2031-07-31' },
    },
  },
  'opensuse-leap': {
    numbers: 2,
    ends: {
      ...{ '42.1': '2017-05-17', '42.2': '2018-01-26', '42.3': '2019-07-01', '15.0': '2019-12-03', '15.1': '2021-02-02' },
      ...{ '15.2': '2022-01-04', '15.3': '2022-12-31', '15.4': '2023-12-07', '15.5': '2024-12-31', '15.6': '2026-04-30' },
      ...{ '16.0': '2027-10-31' },
    },
  },
  nixos: {
    numbers: 2,
    ends: {
      ...{ '20.09': '2021-04-30', '21.05': '2021-12-31', '21.11': '2022-06-30', '22.05': '2022-12-31', '22.11': '2023-06-30' },
      ...{ '23.05': '2023-12-31', '23.11': '2024-06-30', '24.05': '2024-12-31', '24.11': '2025-06-30', '25.05': '2025-12-31' },
      ...{ '25.11': '2026-06-30' },
    },
  },
  // by build
  'windows-server': {
    numbers: 3,
    ends: {
      ...{ '6.1.7601': '2020-01-14', '6.2.9200': '2023-10-10', '6.3.9600': '2023-10-10', '10.0.14393': '2027-01-12' },
      ...{ '10.0.17763': '2029-01-09', '10.0.20348': '2031-10-14', '10.0.26100': '2034-10-10' },
    },
  },
  mariner: { numbers: 2, ends: { '1.0': '2023-08-31', '2.0': '2025-07-31' } },
}

/** The ISO day of a release's last security updates; undefined: none is known. */
export function endOfLife({ id, version, name }: OperatingSystem): string | undefined {
  const named = namedApart(id, name ?? '')
  const lifecycle = Object.hasOwn(lifecycles, named) ? lifecycles[named] : undefined
  if (lifecycle === undefined || version === undefined) return undefined
  const release = version.split('.').slice(0, lifecycle.numbers).join('.')
  return Object.hasOwn(lifecycle.ends, release) ? lifecycle.ends[release] : undefined
}

/** CentOS Linux and CentOS Stream share their id, Windows and its server their builds. */
function namedApart(id: string, name: string): string {
  if (id === 'centos' && /\bStream\b/i.test(name)) return 'centos-stream'
  return id === 'windows' && /\bServer\b/.test(name) ? 'windows-server' : id
}
