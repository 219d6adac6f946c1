import { expect, it } from 'vitest'
import { endOfLife } from './lifecycle.ts'

it.each([
  [{ id: 'debian', version: '12' }, '2028-06-30'],
  [{ id: 'debian', version: '6.0' }, '2016-02-29'],
  [{ id: 'ubuntu', version: '22.04' }, '2027-06-01'],
  [{ id: 'alpine', version: '3.19.1' }, '2025-11-01'],
  [{ id: 'rhel', version: '9.4' }, '2032-05-31'],
  [{ id: 'centos', version: '7.9' }, '2024-06-30'],
  [{ id: 'centos', version: '8', name: 'CentOS Linux 8' }, '2021-12-31'],
  [{ id: 'centos', version: '8', name: 'CentOS Stream 8' }, '2024-05-31'],
  [{ id: 'amzn', version: '2' }, '2026-06-30'],
  [{ id: 'amzn', version: '2018.03' }, '2023-12-31'],
  [{ id: 'sles', version: '15.5' }, '2024-12-31'],
  [{ id: 'nixos', version: '23.11' }, '2024-06-30'],
  [{ id: 'windows', version: '10.0.20348.2031', name: 'Windows Server 2022 Datacenter' }, '2031-10-14'],
  [{ id: 'windows', version: '6.3.9600', name: 'Windows Server 2012 R2 Standard' }, '2023-10-10'],
  // The same build is of Windows 11 24H2 and of Windows Server 2025.
  [{ id: 'windows', version: '10.0.26100.1', name: 'Windows 11 Pro' }, undefined],
  // A service pack that is not known must not be taken for the release without one.
  [{ id: 'sles', version: '15.99' }, undefined],
  [{ id: 'alpine', version: '3.24_alpha20260805' }, undefined],
  [{ id: 'debian' }, undefined],
  [{ id: 'debian', version: 'toString' }, undefined],
  [{ id: 'constructor', version: '1' }, undefined],
  [{ id: 'wolfi', version: '20230201' }, undefined],
])('%j until %s', (os, day) => expect(endOfLife(os)).toBe(day))
