import { beforeEach, describe, expect, it } from 'vitest'
import { lookSchedule, type LookSchedule, type Timers } from './look-schedule.ts'

/** A clock that stands until it is moved. */
function clock(): Timers & { move(ms: number): void; waiting(): number } {
  const waiting = new Map<symbol, { readonly at: number; readonly run: () => void }>()
  let now = 0
  return {
    now: () => now,
    after(ms, run) {
      const id = Symbol()
      waiting.set(id, { at: now + ms, run })
      return () => void waiting.delete(id)
    },
    move(ms) {
      const until = now + ms
      for (;;) {
        const [next] = [...waiting].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        const [id, { at, run }] = next
        waiting.delete(id)
        now = at
        run()
      }
      now = until
    },
    waiting: () => waiting.size,
  }
}

describe('the schedule of looks', () => {
  let time: ReturnType<typeof clock>
  let schedule: LookSchedule
  let looks: string[]
  beforeEach(() => {
    time = clock()
    looks = []
    schedule = lookSchedule((target) => looks.push(`${target} ${time.now() / 1000}`), time)
  })

  it('looks once, three seconds after the last change', () => {
    expect(schedule.changed('a')).toBe(true)
    time.move(2_000)
    expect(schedule.changed('a')).toBe(false)
    expect(schedule.changed('b')).toBe(true)
    time.move(10_000)
    expect(looks).toEqual(['a 5', 'b 5'])
    expect(schedule.changed('a')).toBe(true)
  })

  it('waits no longer than a minute for a folder that never rests', () => {
    for (let second = 0; second < 125; second++) {
      schedule.changed('log')
      time.move(1_000)
    }
    expect(looks).toEqual(['log 60', 'log 120'])
  })

  it('spends a tenth of the time on a folder that never rests, where a look takes long', () => {
    schedule.ended('log', { failed: false, ms: 20_000 })
    for (let second = 0; second < 405; second++) {
      schedule.changed('log')
      time.move(1_000)
    }
    expect(looks).toEqual(['log 200', 'log 400'])
  })

  it('tries again what failed, after pauses that grow to an hour, until a look succeeds', () => {
    const pauses: number[] = []
    for (let failure = 0; failure < 10; failure++) {
      const before = time.now()
      schedule.ended('a', { failed: true, ms: 5 })
      time.move(3_600_000)
      pauses.push(Number(looks.at(-1)?.split(' ')[1]) - before / 1000)
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    schedule.ended('a', { failed: false, ms: 5 })
    expect(time.waiting()).toBe(0)
    schedule.ended('a', { failed: true, ms: 5 })
    time.move(30_000)
    expect(looks).toHaveLength(11)
  })

  it('has one retry for a target, also when a change brought a look between', () => {
    schedule.ended('a', { failed: true, ms: 5 })
    time.move(10_000)
    schedule.changed('a')
    time.move(3_000)
    schedule.ended('a', { failed: true, ms: 5 })
    time.move(59_999)
    expect(looks).toEqual(['a 13'])
    time.move(1)
    expect(looks).toEqual(['a 13', 'a 73'])
  })

  it('forgets a target, and after its end everything', () => {
    schedule.changed('a')
    schedule.ended('a', { failed: true, ms: 5 })
    schedule.changed('b')
    schedule.forget('a')
    expect(time.waiting()).toBe(1)
    schedule.stop()
    schedule.changed('c')
    schedule.ended('c', { failed: true, ms: 5 })
    expect(time.waiting()).toBe(0)
    time.move(7_200_000)
    expect(looks).toEqual([])
  })
})
