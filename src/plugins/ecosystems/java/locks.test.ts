import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extractorContract, fileOf, near } from '../../../../test/contracts/extractor.ts'
import type { Extractor } from '../../../model/seams.ts'
import { gradleLock } from './gradle-lock.ts'
import { sbtLock } from './sbt-lock.ts'
import { versionCatalog } from './version-catalog.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')

/** Package, scope and what is asked for; then the gaps. */
async function found(extractor: Extractor, path: string, content: string) {
  const { occurrences, gaps } = await extractor.read(fileOf(path, content), near())
  return [
    ...occurrences.map(({ component: { purl }, scope, requirement, hashes }) =>
      [purl.replace('pkg:maven/', ''), scope, requirement, ...(hashes ?? [])].filter(Boolean).join(' '),
    ),
    ...gaps.map(({ reason }) => `gap: ${reason}`),
  ]
}

extractorContract(gradleLock, {
  path: 'app/gradle.lockfile',
  content: fixture('gradle.lockfile'),
  wants: [
    'gradle.lockfile',
    'buildscript-gradle.lockfile',
    'settings-gradle.lockfile',
    'app/gradle/dependency-locks/runtimeClasspath.lockfile',
  ],
  refuses: ['my-gradle.lockfile', 'runtimeClasspath.lockfile', 'gradle.lock'],
})
extractorContract(versionCatalog, {
  path: 'gradle/libs.versions.toml',
  content: fixture('libs.versions.toml'),
  wants: ['app/gradle/libs.versions.toml', 'gradle/test-libs.versions.toml'],
  refuses: ['libs.versions.toml', 'gradle/other.toml', 'gradle/sub/libs.versions.toml'],
})
extractorContract(sbtLock, {
  path: 'build.sbt.lock',
  content: fixture('build.sbt.lock'),
  wants: ['app/build.sbt.lock'],
  refuses: ['build.sbt', 'my-build.sbt.lock'],
})

describe('gradle.lockfile', () => {
  it('knows what is only for building from what is shipped', async () => {
    expect(await found(gradleLock, 'gradle.lockfile', fixture('gradle.lockfile'))).toEqual([
      'com.google.errorprone/error_prone_annotations@2.11.0 dev',
      'javax.servlet/javax.servlet-api@4.0.1 peer',
      'org.apache.commons/commons-text@1.9 runtime',
      'org.junit.jupiter/junit-jupiter-api@5.8.2 dev',
      'org.postgresql/postgresql@42.3.1 runtime',
    ])
  })
  it('takes the locks of the build itself, and the older form of one file for each configuration', async () => {
    expect(await found(gradleLock, 'buildscript-gradle.lockfile', 'com.android.tools:common:30.0=classpath\n')).toEqual([
      'com.android.tools/common@30.0 dev',
    ])
    const path = (name: string) => `gradle/dependency-locks/${name}.lockfile`
    expect(await found(gradleLock, path('runtimeClasspath'), 'g:a:1\r\n')).toEqual(['g/a@1 runtime'])
    expect(await found(gradleLock, path('testRuntimeClasspath'), 'g:a:1')).toEqual(['g/a@1 dev'])
  })
  it('keeps the good lines', async () => {
    expect(await found(gradleLock, 'gradle.lockfile', 'g:a=x\ng:b:1=runtimeClasspath\ng:c:1:2=x\n')).toEqual([
      'g/b@1 runtime',
      'gap: line 1: expected group:artifact:version=configurations',
      'gap: line 3: expected group:artifact:version=configurations',
    ])
  })
})

describe('libs.versions.toml', () => {
  it('gives exact versions as they are, and declares the others', async () => {
    expect(await found(versionCatalog, 'gradle/libs.versions.toml', fixture('libs.versions.toml'))).toEqual([
      'org.codehaus.groovy/groovy@3.0.5',
      'org.apache.logging.log4j/log4j-core@2.14.1',
      'com.google.guava/guava declared [28.0, 29.0[',
      'org.apache.commons/commons-text@1.9',
      'org.example/open declared 1.+',
      'org.example/managed-elsewhere declared',
    ])
  })
  it('makes gaps of wrong types', async () => {
    expect(await found(versionCatalog, 'gradle/libs.versions.toml', '[libraries]\na = 1\nb = { module = 2 }\nc = "g:c"\n')).toEqual([
      'g/c declared',
      'gap: libraries."a": expected group, name and version',
      'gap: libraries."b": expected group, name and version',
    ])
  })
})

describe('build.sbt.lock', () => {
  it('gives what is locked', async () => {
    expect(await found(sbtLock, 'build.sbt.lock', fixture('build.sbt.lock'))).toEqual([
      'com.typesafe.akka/akka-actor_2.13@2.6.18 runtime sha1:57f0c5d4b1f5a0a1a4ca3b8a7d3e2c3b9f1d0e6a',
      'javax.servlet/javax.servlet-api@4.0.1 peer',
      'org.scalatest/scalatest_2.13@3.2.9 dev',
    ])
  })
  it('makes a gap of another version of the lock', async () => {
    expect(await found(sbtLock, 'build.sbt.lock', '{"lockVersion":2,"dependencies":[]}')).toEqual([
      expect.stringMatching(/^gap: .*expected 1/),
    ])
  })
})
