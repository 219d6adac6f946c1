import { expect, it } from 'vitest'
import { ofRpmFamilies } from './osv-rpm.ts'

const entry = (ecosystem: string, name: string, fixed: string) => ({
  ...{ ecosystem, name, versions: [] },
  ranges: [{ type: 'ECOSYSTEM' as const, events: [{ introduced: '0' }, { fixed }] }],
})

it.each([
  ['Red Hat:enterprise_linux:9::appstream', 'Red Hat:enterprise_linux:9'],
  ['Red Hat:enterprise_linux:10.0', 'Red Hat:enterprise_linux:10'],
  ['Red Hat:rhel_eus:9.2::baseos', 'Red Hat:rhel_eus:9.2'],
  ['AlmaLinux:8', 'AlmaLinux:8'],
  ['npm::a', 'npm::a'],
])('takes %s as %s', (ecosystem, named) => {
  expect(ofRpmFamilies([entry(ecosystem, 'openssl', '1-1.el9')], '')).toEqual([entry(named, 'openssl', '1-1.el9')])
})

it('says once what several repositories have', () => {
  const repositories = ['baseos', 'crb', 'nfv'].map((name) => entry(`Red Hat:enterprise_linux:9::${name}`, 'kernel', '5-1.el9'))
  expect(ofRpmFamilies(repositories, '')).toEqual([entry('Red Hat:enterprise_linux:9', 'kernel', '5-1.el9')])
})

const build = '1:18.20.4-1.module+el8.10.0+22195+c2'
it.each([
  ['Important: nodejs:18 security update', ['nodejs:18/npm']],
  ['Red Hat Security Advisory: idm:DL1 and idm:client security, bug fix, and enhancement update', ['idm:DL1/npm', 'idm:client/npm']],
  ['Moderate: 389-ds:1.4 security update', ['389-ds:1.4/npm']],
  ['Important: httpd:2.4/mod_http2 security update', ['httpd:2.4/npm']],
  ['Moderate: go-toolset:Rocky Linux8 security update', ['go-toolset:rhel8/npm']],
])('puts builds of a module under its streams: %s', (summary, names) => {
  expect(ofRpmFamilies([entry('Rocky Linux:8', 'npm', build)], summary)).toEqual(names.map((name) => entry('Rocky Linux:8', name, build)))
})

it('cannot use builds of a module whose stream nobody names', () => {
  expect(ofRpmFamilies([entry('AlmaLinux:8', 'ruby', build)], 'Moderate: ruby security update, see RHSA-2024:4499')).toBe(
    'expected the stream of its module in the summary, got "Moderate: ruby security update, see RHSA-2024:4499": which packages it is about cannot be told',
  )
})

it('takes the first rebuild of a release of a module, and every release', () => {
  const builds = ['3.18-5.module_el8.10.0+3970+8445', '3.18-5.module_el8.10.0+3909+6e1c', '3.18-6.module_el8.10.0+3909+6e1c']
  const kept = ofRpmFamilies(
    builds.map((fixed) => entry('AlmaLinux:8', 'criu', fixed)),
    'container-tools:rhel8 update',
  )
  expect(kept).toEqual([builds[1], builds[2]].map((fixed) => entry('AlmaLinux:8', 'container-tools:rhel8/criu', fixed ?? '')))
})
