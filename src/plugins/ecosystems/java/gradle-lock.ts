import { gapsOf } from '../../../formats/problems.ts'
import type { Occurrence, Scope } from '../../../model/component.ts'
import type { Extractor } from '../../../model/seams.ts'
import { javaComponent } from './component.ts'

const LOCK = /(?:^|\/)(?:(?:buildscript-|settings-)?gradle\.lockfile|gradle\/dependency-locks\/[^/]+\.lockfile)$/
/** Packages that only build: of the build itself, of tests, of tools. */
const BUILD = /^(?:buildscript-|settings-)/
const TOOLS =
  /test|annotationProcessor|kapt|ksp|checkstyle|pmd|spotbugs|jacoco|kotlinCompiler|kotlinBuildTools|detekt|ktlint|errorprone|zinc|lint/i

/** Gradle's locked dependencies (User Manual, "Locking Versions"): `group:artifact:version=configuration,...`, one each line. */
export const gradleLock = {
  id: 'java/gradle-lock',
  version: 1,
  title: 'Gradle lock files',
  names: ['*.lockfile'],
  wants: ({ path }) => LOCK.test(path),
  async read(file) {
    const occurrences: Occurrence[] = []
    const broken: number[] = []
    const name = file.path.slice(file.path.lastIndexOf('/') + 1)
    for (const [number, raw] of (await file.text()).split(/\r\n|\n|\r/).entries()) {
      const line = raw.trim()
      if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue
      // the older form names no configurations: the file is called after its one
      const [coordinates = '', configurations = name.replace(/\.lockfile$/, '')] = line.split('=', 2)
      const [group = '', artifact = '', version = '', ...rest] = coordinates.split(':')
      const component = rest.length === 0 ? javaComponent({ group, artifact, version }) : undefined
      if (component === undefined) broken.push(number + 1)
      else
        occurrences.push({
          component,
          at: { path: file.path },
          extractor: this.id,
          scope: BUILD.test(name) ? 'dev' : scopeOf(configurations),
        })
    }
    const problems = broken.map((line) => `line ${line}: expected group:artifact:version=configurations`)
    return { occurrences, gaps: gapsOf(this.id, file.path, problems) }
  },
} satisfies Extractor

function scopeOf(configurations: string): Scope {
  const shipped = configurations.split(',').filter((one) => !TOOLS.test(one))
  if (shipped.length === 0) return 'dev'
  // needed to compile and not at run time: somebody else brings it
  return shipped.every((one) => /compileClasspath$/i.test(one)) ? 'peer' : 'runtime'
}
