import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A file of real shape that some unit reads, at a place where the unit looks for it. */
export type Sample = { readonly unit: string; readonly path: string; readonly content: Buffer; readonly mode: number }

/** A line of `fixtures/places.json`: the fixture that lies at a path, or its text. A fixture `X.gz` is unpacked unless its place says `.gz`, too. */
type Placed = string | { readonly file: string; readonly mode?: string } | { readonly text: string; readonly mode?: string }

const folder = join(import.meta.dirname, '../src/plugins/ecosystems')

/** What every ecosystem unit places, by unit and path: a machine that has one of everything. */
export function samples(): readonly Sample[] {
  return readdirSync(folder)
    .sort()
    .flatMap((unit) => {
      const list = join(folder, unit, 'fixtures/places.json')
      if (!existsSync(list)) return []
      const places: Readonly<Record<string, Placed>> = JSON.parse(readFileSync(list, 'utf8'))
      return Object.entries(places).map(([path, placed]) => ({ unit, path, content: contentOf(unit, path, placed), mode: modeOf(placed) }))
    })
}

function contentOf(unit: string, path: string, placed: Placed): Buffer {
  if (typeof placed === 'object' && 'text' in placed) return Buffer.from(placed.text)
  const name = typeof placed === 'string' ? placed : placed.file
  const bytes = readFileSync(join(folder, unit, 'fixtures', name))
  return name.endsWith('.gz') && !path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

const modeOf = (placed: Placed): number => Number.parseInt((typeof placed === 'object' && placed.mode) || '644', 8)
