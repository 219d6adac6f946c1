import { baseName } from '../../../kit/paths.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extractor } from '../../../model/seams.ts'
import { checked, installed, type RpmPackage } from './rpm-package.ts'

const FOLDER = 'var/lib/rpmmanifest/'
const SHORT = `${FOLDER}container-manifest-1`
const LONG = `${FOLDER}container-manifest-2`
/** Broken lines told one by one; the rest are counted. */
const MOST_GAPS = 100

/**
 * What images without a package manager keep in place of rpm's database: the output of `rpm -qa`, one package a line, as
 * `name-version-release.arch` (`container-manifest-1`) or with ten columns between tabs (`container-manifest-2`).
 */
export const rpmManifest = {
  id: 'rpm/manifest',
  version: 1,
  title: 'rpm manifest of images without rpm',
  names: [SHORT, LONG].map(baseName),
  wants: ({ path }) => path === SHORT || path === LONG,
  async read(file, near) {
    const long = file.path === LONG
    // Both list the same packages; the longer one says more of them.
    if (!long && (await near.open(LONG)) !== undefined) return { occurrences: [], gaps: [] }
    const packages: RpmPackage[] = []
    const reasons: string[] = []
    const lines = (await file.text()).split('\n')
    for (const [at, line] of lines.entries()) {
      if (line.trim() === '' || line.startsWith('gpg-pubkey')) continue
      try {
        packages.push(long ? ofColumns(line.split('\t')) : ofName(line.trim()))
      } catch (thrown) {
        reasons.push(`line ${at + 1}: ${reasonOf(thrown)}`)
      }
    }
    const shown = reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more broken lines`] : reasons
    return { ...installed(packages, file.path, this.id), gaps: shown.map((reason) => ({ path: file.path, extractor: this.id, reason })) }
  },
} satisfies Extractor

/** What a manifest does not tell. */
const nothing = { requires: [], provides: [], files: [] }

/** Name, version-release, time of installation, of build, vendor, epoch, size, architecture, epoch as a number, source rpm. */
function ofColumns(columns: readonly string[]): RpmPackage {
  if (columns.length < 10) throw new Error(`expected 10 columns between tabs, got ${columns.length}`)
  const [name, version = '', , , vendor, , , arch, epoch = '', sourceRpm] = columns.map((column) =>
    column.trim() === '(none)' ? '' : column.trim(),
  )
  if (!/^\d{0,10}$/.test(epoch)) throw new Error(`expected an epoch, got ${JSON.stringify(epoch.slice(0, 80))}`)
  const evr = Number(epoch) > 0 ? `${Number(epoch)}:${version}` : version
  return { ...checked(name, evr), arch: arch || undefined, vendor: vendor || undefined, sourceRpm: sourceRpm || undefined, ...nothing }
}

function ofName(line: string): RpmPackage {
  const [, name, version, arch] = /^([^\s]+)-([^\s-]+-[^\s-]+)\.([^\s.-]+)$/.exec(line.slice(0, 4096)) ?? []
  if (version === undefined) throw new Error(`expected name-version-release.arch, got ${JSON.stringify(line.slice(0, 80))}`)
  return { ...checked(name, version), arch, ...nothing }
}
