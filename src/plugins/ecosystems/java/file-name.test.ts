import { expect, it } from 'vitest'
import { readFileName } from './file-name.ts'

it.each([
  ['lib/log4j-core-2.14.1.jar', 'log4j-core', '2.14.1', undefined],
  ['log4j-1.2-api-2.17.1.jar', 'log4j-1.2-api', '2.17.1', undefined],
  ['guava-31.0.1-jre.jar', 'guava', '31.0.1-jre', undefined],
  ['spring-core-4.3.30.RELEASE.jar', 'spring-core', '4.3.30.RELEASE', undefined],
  ['foo-1.0-20210101.123456-1.jar', 'foo', '1.0-20210101.123456-1', undefined],
  ['foo-2.0-beta-3-shaded.jar', 'foo', '2.0-beta-3', 'shaded'],
  ['netty-tcnative-2.0.1.Final-linux-x86_64.jar', 'netty-tcnative', '2.0.1.Final', 'linux-x86_64'],
  ['app-1.0-jar-with-dependencies.jar', 'app', '1.0', 'jar-with-dependencies'],
  ['bcprov-jdk15on-1.70.jar', 'bcprov-jdk15on', '1.70', undefined],
  ['akka-actor_2.13-2.6.18.jar', 'akka-actor_2.13', '2.6.18', undefined],
  ['org.eclipse.osgi_3.18.0.v20220516-2155.jar', 'org.eclipse.osgi_3.18.0.v20220516', '2155', undefined],
  ['org.eclipse.equinox.app_1.6.200.jar', 'org.eclipse.equinox.app', '1.6.200', undefined],
  ['commons-math3.jar', 'commons-math3', undefined, undefined],
  ['tomcat-api-10.x.jar', 'tomcat-api', undefined, undefined],
  ['ant-debian.jar', 'ant', undefined, undefined],
  ['v1-2.jar', 'v1', '2', undefined],
])('%s', (path, artifact, version, classifier) => {
  const { artifact: a, version: v, classifier: c } = readFileName(path) ?? {}
  expect([a, v, c]).toEqual([artifact, version, classifier])
})

it('takes no time with a long name', () => {
  expect(readFileName(`${'1-'.repeat(100_000)}a.jar`)).toBeUndefined()
  expect(readFileName('.jar')).toBeUndefined()
})
