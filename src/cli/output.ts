import Table from 'cli-table3'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { once } from 'node:events'
import { stripVTControlCharacters, styleText } from 'node:util'

export const formats = ['table', 'json', 'ndjson'] as const
export type Format = (typeof formats)[number]

/** Adds `-o`. Lists are a table on a terminal and JSON otherwise, unless asked. */
export function withFormat(command: Command, allowed: readonly Format[] = formats): Command {
  const option = new Option('-o, --output <format>', `${allowed.join(', ')}; a table on a terminal and JSON otherwise when absent`)
  return command.addOption(option.argParser((value) => oneOf(allowed, value)))
}

/** A parser of one word out of a list, for commander. */
export function oneOf<T extends string>(allowed: readonly T[], value: string): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${allowed.join(', ')}.`)
  return found
}

/** A parser of a whole number above 0, for commander. */
export function countOf(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('Expected a whole number above 0.')
  return Number(value)
}

export const formatOf = (asked: Format | undefined): Format => asked ?? (process.stdout.isTTY ? 'table' : 'json')

export type Column<Row> = {
  readonly head: string
  readonly value: (row: Row) => string
  /** Widest useful width. The last columns give way first on a narrow terminal. */
  readonly width: number
  /** Colours of the cell; what it gets is free of control characters. */
  readonly style?: (text: string) => string
}

/** Writes rows as they come. Resolves to how many there were. */
export async function writeRows<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly Column<Row>[],
  format: Format,
): Promise<number> {
  let count = 0
  const print = format === 'table' ? tableOf(columns) : undefined
  for await (const row of rows) {
    if (print !== undefined) await write(`${print(row, count === 0)}\n`)
    else if (format === 'ndjson') await write(`${JSON.stringify(row)}\n`)
    else await write(`${count === 0 ? '[\n' : ',\n'}${JSON.stringify(row)}`)
    count++
  }
  if (format === 'json') await write(count === 0 ? '[]\n' : '\n]\n')
  return count
}

/** Writes to stdout and waits while the reader is slow. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** A table printed row by row, each column as wide as the terminal allows: nothing has to be read twice. */
function tableOf<Row>(columns: readonly Column<Row>[]): (row: Row, first: boolean) => string {
  const widths = fit(
    columns.map(({ width }) => width),
    process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
  )
  const layout = {
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
    colWidths: widths,
    wordWrap: false,
  }
  const line = (cells: readonly string[]) => {
    const table = new Table(layout)
    table.push([...cells])
    return table.toString().trimEnd()
  }
  const heads = columns.map(({ head }) => styleText('bold', head, { stream: process.stdout }))
  return (row, first) =>
    `${first ? `${line(heads)}\n` : ''}${line(columns.map(({ value, style = (text) => text }) => style(plain(value(row)))))}`
}

/** Widths that fit, taken from the widest first; two for the space between columns. */
function fit(widths: readonly number[], room: number): number[] {
  const fitted = widths.map((width) => width + 2)
  for (let over = sum(fitted) - room; over > 0; over--) {
    const widest = fitted.lastIndexOf(Math.max(...fitted))
    if ((fitted[widest] ?? 0) <= 8) break
    fitted[widest] = (fitted[widest] ?? 0) - 1
  }
  return fitted
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

/** Words from outside must not steer the terminal: no escape sequences, no control characters, no direction overrides. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
}

const colours = {
  CRITICAL: 'magentaBright',
  HIGH: 'redBright',
  MEDIUM: 'yellow',
  LOW: 'cyan',
  INFORMATIONAL: 'gray',
  UNTRIAGED: 'white',
} as const

/** A severity's word in its colour; the word alone says it all. */
export function severityWord(severity: string): string {
  const colour = Object.hasOwn(colours, severity) ? colours[severity as keyof typeof colours] : undefined
  return colour === undefined ? severity : styleText(colour, severity, { stream: process.stdout })
}

const noBorders = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
)
