import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

const folder = join(import.meta.dirname, 'corpus')

/** A line of a corpus: a text as it is, bytes as gzip in base64. */
type Line = string | { readonly gzip: string } | { readonly base64: string }

const fileOf = (id: string): string => join(folder, `${id}.jsonl`)

/** Inputs kept of a target: together they reach all that was ever reached. */
export function corpusOf(id: string): readonly Buffer[] {
  if (!existsSync(fileOf(id))) return []
  const lines = readFileSync(fileOf(id), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => decoded(JSON.parse(line) as Line))
}

export function keepCorpus(id: string, inputs: readonly Buffer[]): void {
  mkdirSync(dirname(fileOf(id)), { recursive: true })
  writeFileSync(fileOf(id), inputs.map((input) => `${lineOf(input)}\n`).join(''))
}

export function lineOf(input: Buffer): string {
  const text = input.toString('utf8')
  if (Buffer.from(text).equals(input) && !/\p{C}/u.test(text.replaceAll(/[\n\r\t]/g, ''))) return JSON.stringify(text)
  const [packed, plain] = [gzipSync(input, { level: 9 }).toString('base64'), input.toString('base64')]
  return JSON.stringify(packed.length < plain.length ? { gzip: packed } : { base64: plain })
}

function decoded(line: Line): Buffer {
  if (typeof line === 'string') return Buffer.from(line)
  return 'gzip' in line ? gunzipSync(Buffer.from(line.gzip, 'base64')) : Buffer.from(line.base64, 'base64')
}
