import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { starter, startOwnProcess } from '../src/kit/own-process.ts'

/** What a process of `own-process.test.ts` is told to do, one thing after the other. */
export type Told =
  | { readonly is: 'echo'; readonly value: unknown }
  | { readonly is: 'environment' | 'score' | 'loop' | 'eat' }
  /** Works for this long. */
  | { readonly is: 'work'; readonly seconds: number }
  | { readonly is: 'end'; readonly words: string; readonly code: number }
  | { readonly is: 'signal'; readonly name: NodeJS.Signals }
  | { readonly is: 'throw'; readonly words: string }
  /** Starts another one like itself, which is told to connect to a port and to wait. */
  | { readonly is: 'start'; readonly port: number }
  | { readonly is: 'connect'; readonly port: number }

const peer = starter()
for (;;) {
  const told = (await peer.next()) as Told
  switch (told.is) {
    case 'echo':
      peer.send(told.value)
      break
    case 'environment':
      peer.send({ ...process.env })
      break
    case 'score':
      peer.send(readFileSync('/proc/self/oom_score_adj', 'utf8').trim())
      break
    case 'loop':
      peer.send('looping')
      await new Promise((sent) => setImmediate(sent))
      for (;;);
    case 'eat':
      JSON.parse(`[${'{},'.repeat(20_000_000)}{}]`)
      break
    case 'work':
      while (process.cpuUsage().user + process.cpuUsage().system < told.seconds * 1e6);
      peer.send('worked')
      break
    case 'end':
      process.stderr.write(told.words, () => process.exit(told.code))
      await new Promise(() => {})
      break
    case 'signal':
      process.kill(process.pid, told.name)
      await new Promise(() => {})
      break
    case 'throw':
      throw new Error(told.words)
    case 'start':
      startOwnProcess(new URL(import.meta.url), { memory: 64, env: {} }).send({ is: 'connect', port: told.port } satisfies Told)
      break
    case 'connect':
      connect(told.port, '127.0.0.1')
  }
}
