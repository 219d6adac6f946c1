import { baseName } from '../../../kit/paths.ts'
import { reasonOf } from '../../../model/errors.ts'
import type { Extractor } from '../../../model/seams.ts'
import { checked, evrOf, installed, type RpmPackage } from './rpm-package.ts'

const FILE = 'usr/share/bottlerocket/application-inventory.json'
const paths: ReadonlySet<string> = new Set([
  FILE,
  ...['x86_64', 'aarch64'].map((machine) => `${machine}-bottlerocket-linux-gnu/sys-root/${FILE}`),
])
/** Broken entries told one by one; the rest are counted. */
const MOST_GAPS = 100

/** What Bottlerocket, which has no rpm database, says of the packages its image was built from (SSM's inventory of applications). */
export const bottlerocketInventory = {
  id: 'rpm/bottlerocket-inventory',
  version: 1,
  title: 'inventory of a Bottlerocket image',
  names: [...paths].map(baseName),
  wants: ({ path }) => paths.has(path),
  async read(file) {
    const inventory: unknown = JSON.parse(await file.text())
    const content = isRecord(inventory) ? inventory['Content'] : undefined
    if (!Array.isArray(content)) throw new Error('expected a JSON object with a list in Content')
    const packages: RpmPackage[] = []
    const reasons: string[] = []
    for (const [at, entry] of content.entries()) {
      try {
        packages.push(packageOf(entry))
      } catch (thrown) {
        reasons.push(`entry ${at + 1}: ${reasonOf(thrown)}`)
      }
    }
    const shown =
      reasons.length > MOST_GAPS ? [...reasons.slice(0, MOST_GAPS), `${reasons.length - MOST_GAPS} more broken entries`] : reasons
    return { ...installed(packages, file.path, this.id), gaps: shown.map((reason) => ({ path: file.path, extractor: this.id, reason })) }
  },
} satisfies Extractor

function packageOf(entry: unknown): RpmPackage {
  if (!isRecord(entry)) throw new Error('expected an object')
  const text = (key: string) => (typeof entry[key] === 'string' ? entry[key] : undefined)
  const epoch = text('Epoch') ?? '0'
  if (!/^\d{1,10}$/.test(epoch)) throw new Error(`expected a number in Epoch, got ${JSON.stringify(epoch.slice(0, 80))}`)
  const arch = text('Architecture')
  return {
    ...checked(text('Name'), evrOf(Number(epoch), text('Version'), text('Release'))),
    ...(arch !== undefined && /^[a-z0-9_]{1,32}$/.test(arch) && { arch }),
    ...{ requires: [], provides: [], files: [] },
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
