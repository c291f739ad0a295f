import { createManualClock } from '@fal-llm/testkit'
import { expect, test, vi } from 'vitest'
import { FalLlmError } from './errors.ts'
import { systemClock } from './clock.ts'
import { assertTimeouts } from './duration.ts'
import { createDeadline } from './deadline.ts'

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
    const deadline = createDeadline(clock)
    deadline.enter(phase)
    clock.advance(limitMs - 1)
    expect(deadline.signal.aborted).toBe(false)
    clock.advance(1)
    expect(deadline.signal.reason).toMatchObject({ code: 'timeout', retryable: true })
  }
})

test('rule 2: 0 switches a time-out off, and the total is off unless asked for', () => {
  const clock = createManualClock()
  const deadline = createDeadline(clock, { connectMs: 0 })
  deadline.enter('connect')
  expect(clock.pending).toBe(0)
  const limited = createDeadline(clock, { totalMs: 10 })
  clock.advance(10)
  expect(limited.signal.reason).toMatchObject({ code: 'timeout' })
  expect(deadline.signal.aborted).toBe(false)
})

test('an event starts the idle time anew, without moving the timer', () => {
  const clock = createManualClock()
  const deadline = createDeadline(clock, { idleMs: 100 })
  deadline.enter('idle')
  for (let count = 0; count < 10; count++) {
    clock.advance(60)
    deadline.progress()
  }
  expect(deadline.signal.aborted).toBe(false)
  clock.advance(99)
  expect(deadline.signal.aborted).toBe(false)
  clock.advance(1)
  expect(deadline.signal.aborted).toBe(true)
})

test('a timer that fires late because the machine slept is no stall', () => {
  const clock = createManualClock()
  const deadline = createDeadline(clock, { idleMs: 1_000 })
  deadline.enter('idle')
  clock.suspend(3_600_000)
  expect(deadline.signal.aborted).toBe(false)
  clock.advance(1_000)
  expect(deadline.signal.aborted).toBe(true)
})

test('race ends every wait at the abort, whatever the promise does', async () => {
  const clock = createManualClock()
  const outer = new AbortController()
  const deadline = createDeadline(clock, {}, outer.signal)
  const waits = [
    codeOf(deadline.race(never)),
    codeOf(deadline.race(never)),
    codeOf(deadline.sleep(1_000)),
  ]
  outer.abort(new Error('changed my mind'))
  const message = 'The call was stopped before it was complete'
  expect(await Promise.all(waits)).toEqual(Array(3).fill(['aborted', message]))
  expect(await codeOf(deadline.race(Promise.resolve(1)))).toEqual(['aborted', message])
})

test('the first reason wins, and closing leaves no timer behind', () => {
  const clock = createManualClock()
  const outer = new AbortController()
  const deadline = createDeadline(clock, { totalMs: 500 }, outer.signal)
  deadline.enter('connect')
  deadline.close()
  expect(clock.pending).toBe(0)
  outer.abort()
  expect(deadline.signal.aborted).toBe(false)
})

const names = ['connectMs', 'firstTokenMs', 'idleMs', 'callbackMs', 'totalMs'] as const

test.each(names)(
  '%s: Infinity is none, undefined the default, and what is no duration is refused',
  (name) => {
    // What the type system refuses is what JavaScript callers pass.
    const given = (value: unknown) => ({ [name]: value as number })
    const limitOf = (value: unknown) =>
      createDeadline(createManualClock(), given(value)).limits[name]
    const byDefault = createDeadline(createManualClock()).limits
    expect(limitOf(Infinity)).toBe(Infinity)
    expect(limitOf(0)).toBe(Infinity)
    expect(limitOf(undefined)).toBe(byDefault[name])
    expect(limitOf(7)).toBe(7)
    for (const value of [undefined, 0, 1, 0.5, 2 ** 40, Infinity]) assertTimeouts(given(value))
    for (const value of [Number.NaN, -1, -Infinity, '5000', null, true, {}, () => 1]) {
      expect(() => assertTimeouts(given(value))).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          message: expect.stringContaining(`timeouts.${name}`),
          issues: [expect.objectContaining({ path: `timeouts.${name}` })],
        }),
      )
    }
  },
)

test('what no timer can hold is capped instead of firing at once', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const longest = 2 ** 31 - 1
  for (const limitMs of [2 ** 31, 2 ** 40, Number.MAX_VALUE]) {
    const deadline = createDeadline(systemClock, { connectMs: limitMs, totalMs: limitMs })
    deadline.enter('connect')
    const sleeping = codeOf(deadline.sleep(limitMs))
    expect(timers.mock.calls.splice(0).map(([, delayMs]) => delayMs)).toEqual(
      Array(3).fill(longest),
    )
    deadline.abort(new FalLlmError('aborted', 'enough'))
    expect(await sleeping).toEqual(['aborted', 'enough'])
  }
  timers.mockRestore()
})

test('a time-out of a call that is undefined leaves the one of its client', () => {
  const own = { idleMs: undefined, totalMs: 1 }
  const { limits } = createDeadline(createManualClock(), { idleMs: 5, totalMs: 9 }, undefined, own)
  expect(limits).toMatchObject({ idleMs: 5, totalMs: 1, connectMs: 30_000 })
})

test.each([-3_600_000, -60_000, 60_000, 3_600_000])(
  'rule 29: a clock that is set by %i ms moves no limit',
  (byMs) => {
    const manual = createManualClock()
    let offset = 0
    const clock = {
      now: () => manual.now() + offset,
      elapsed: manual.now,
      setTimer: manual.setTimer,
    }
    const deadline = createDeadline(clock, { idleMs: 10_000 })
    deadline.enter('idle')
    manual.advance(6_000)
    deadline.progress()
    offset = byMs
    manual.advance(9_999)
    expect(deadline.signal.aborted).toBe(false)
    manual.advance(1)
    expect(deadline.signal.reason).toMatchObject({ code: 'timeout' })
  },
)
