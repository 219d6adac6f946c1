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

it.each([
  ['Important: varnish security update', 'varnish', '6.0.8-3.module_el8.8.0+3665+0b8dabc5.1.alma.1', 'varnish:6/varnish'],
  ['Red Hat Security Advisory: go-toolset security update', 'delve', '0:1.21.2-3.module+el8.10.0+21244+5b2d9000', 'go-toolset:rhel8/delve'],
  ['Moderate: ruby security update', 'ruby', '0:2.5.9-112.module+el8.10.0+1839+f1f156ae', 'ruby:2.5/ruby'],
  ['Moderate: nodejs security update', 'nodejs', '1:18.20.4-1.module+el9.4.0+22195+c2', 'nodejs:18/nodejs'],
])('tells the stream of a module that is named alone: %s', (summary, name, fixed, named) => {
  expect(ofRpmFamilies([entry('AlmaLinux:8', name, fixed)], summary)).toEqual([entry('AlmaLinux:8', named, fixed)])
})

it.each([
  // without the package it is called after
  ['Moderate: ruby security update, see RHSA-2024:4499', 'npm', build],
  // release 9 may have other streams
  ['Important: varnish security update', 'varnish', '7.0.1-1.module+el9.4.0+1+a'],
  // several streams, and no package that tells
  ['container-tools bug fix update', 'runc', '1.1.12-1.module_el8.10.0+3858+6ad51f9f'],
])('cannot use builds of a module whose stream nobody names: %s', (summary, name, fixed) => {
  expect(ofRpmFamilies([entry('AlmaLinux:8', name, fixed)], summary)).toBe(
    `expected the stream of its module in the summary, got ${JSON.stringify(summary)}: which packages it is about cannot be told`,
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
