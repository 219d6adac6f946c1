import { type Logger, pino } from 'pino'
import { styleText } from 'node:util'

/** Never written, wherever an object holds them. */
const secrets = ['authorization', 'cookie', 'token', 'secretAccessKey', 'password', 'databaseUrl'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])

/** Log of a server: JSON lines on stderr, or lines for people where that is a terminal. */
export function createLog(level: string): Logger {
  const options = { level, base: null, redact: { paths: secrets, censor: '[secret]' } }
  return process.stderr.isTTY
    ? pino(options, { write: (line: string) => void process.stderr.write(humanLine(line)) })
    : pino(options, pino.destination({ dest: 2, sync: true }))
}

const marks: Readonly<Record<number, string>> = { 40: 'yellow', 50: 'red', 60: 'red' }

/** `12:00:01 feed loaded feed=kev records=1404`. */
export function humanLine(json: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(json) as {
    level: number
    time: number
    msg?: string
    err?: { message?: string; stack?: string }
  }
  const about = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const fault = err === undefined ? [] : [level >= 50 ? (err.stack ?? err.message ?? '') : (err.message ?? '')]
  // Names and errors from outside must not steer the terminal; a stack keeps its lines.
  const text = [msg ?? '', ...about, ...fault].join(' ').replace(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, ' ')
  const colour = marks[level]
  return `${styleText('gray', new Date(time).toTimeString().slice(0, 8))} ${colour === undefined ? text : styleText(colour as 'red', text)}\n`
}
