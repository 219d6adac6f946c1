import type { Command } from 'commander'

/** What is being done, as one line on a terminal that goes away at the end; nothing in a pipe. */
export type Progress = { say(words: string): void; end(): void }

const clear = '\r\u001b[2K'
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

export function progress(command: Command): Progress {
  if (!process.stderr.isTTY || command.optsWithGlobals()['quiet'] === true) return { say: () => {}, end: () => {} }
  let words = ''
  let frame = 0
  const draw = () => {
    const room = (process.stderr.columns ?? 80) - 3
    process.stderr.write(`${clear}${frames[frame++ % frames.length]} ${words.slice(0, room)}`)
  }
  const timer = setInterval(draw, 100).unref()
  return {
    say(next) {
      words = next
      draw()
    },
    end() {
      clearInterval(timer)
      process.stderr.write(clear)
    },
  }
}
