import { createManualClock } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { createWatch } from './watch.ts'

const never = new Promise<never>(() => {})
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: { code?: string; message?: string }) => [error.code, error.message],
  )

test('rule 2: connect, first token and idle end by themselves after 30, 60 and 30 seconds', async () => {
  for (const [phase, limitMs] of [
    ['connect', 30_000],
    ['firstToken', 60_000],
    ['idle', 30_000],
  ] as const) {
    const clock = createManualClock()
    const watch = createWatch(clock)
    watch.enter(phase)
    clock.advance(limitMs - 1)
    expect(watch.signal.aborted).toBe(false)
    clock.advance(1)
    expect(watch.signal.reason).toMatchObject({ code: 'timeout', retryable: true })
  }
})

test('rule 2: 0 switches a time-out off, and the total is off unless asked for', () => {
  const clock = createManualClock()
  const watch = createWatch(clock, { connectMs: 0 })
  watch.enter('connect')
  expect(clock.pending).toBe(0)
  const limited = createWatch(clock, { totalMs: 10 })
  clock.advance(10)
  expect(limited.signal.reason).toMatchObject({ code: 'timeout' })
  expect(watch.signal.aborted).toBe(false)
})

test('an event starts the idle time anew, without moving the timer', () => {
  const clock = createManualClock()
  const watch = createWatch(clock, { idleMs: 100 })
  watch.enter('idle')
  for (let count = 0; count < 10; count++) {
    clock.advance(60)
    watch.progress()
  }
  expect(watch.signal.aborted).toBe(false)
  clock.advance(99)
  expect(watch.signal.aborted).toBe(false)
  clock.advance(1)
  expect(watch.signal.aborted).toBe(true)
})

test('a timer that fires late because the machine slept is no stall', () => {
  const clock = createManualClock()
  const watch = createWatch(clock, { idleMs: 1_000 })
  watch.enter('idle')
  clock.suspend(3_600_000)
  expect(watch.signal.aborted).toBe(false)
  clock.advance(1_000)
  expect(watch.signal.aborted).toBe(true)
})

test('race ends every wait at the abort, whatever the promise does', async () => {
  const clock = createManualClock()
  const outer = new AbortController()
  const watch = createWatch(clock, {}, outer.signal)
  const waits = [codeOf(watch.race(never)), codeOf(watch.race(never)), codeOf(watch.sleep(1_000))]
  outer.abort(new Error('changed my mind'))
  const message = 'The call was stopped before it was complete'
  expect(await Promise.all(waits)).toEqual(Array(3).fill(['aborted', message]))
  expect(await codeOf(watch.race(Promise.resolve(1)))).toEqual(['aborted', message])
})

test('the first reason wins, and closing leaves no timer behind', () => {
  const clock = createManualClock()
  const outer = new AbortController()
  const watch = createWatch(clock, { totalMs: 500 }, outer.signal)
  watch.enter('connect')
  watch.close()
  expect(clock.pending).toBe(0)
  outer.abort()
  expect(watch.signal.aborted).toBe(false)
})
