import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore, frameScheduler, intervalScheduler, syncScheduler } from './store.ts'
import type { Scheduler } from './store.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function counting(scheduler: Scheduler) {
  let value = 0
  const composed: number[] = []
  const heard: number[] = []
  const store = createStore(
    () => {
      composed.push(value)
      return value
    },
    () => scheduler,
  )
  store.subscribe((state) => heard.push(state))
  const change = (): void => {
    value += 1
    store.touch()
  }
  return { store, change, heard, composed }
}

test('subscribing calls the listener at once; unsubscribing ends it', () => {
  const { store, change, heard } = counting(syncScheduler)
  const late: number[] = []
  const unsubscribe = store.subscribe((state) => late.push(state))
  change()
  unsubscribe()
  change()
  expect([heard, late]).toEqual([
    [0, 1, 2],
    [0, 1],
  ])
})

test('many changes in one frame are composed and told once', () => {
  const { change, heard, composed } = counting(frameScheduler)
  for (let count = 0; count < 1_000; count++) change()
  expect(heard).toEqual([0])
  vi.advanceTimersByTime(16)
  expect(heard).toEqual([0, 1_000])
  expect(composed).toHaveLength(2)
  change()
  vi.advanceTimersByTime(16)
  expect(heard).toEqual([0, 1_000, 1_001])
})

test('rule 14: when frames stop, a timer takes over', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  vi.stubGlobal('cancelAnimationFrame', () => {})
  const { change, heard } = counting(frameScheduler)
  change()
  vi.advanceTimersByTime(99)
  expect(heard).toEqual([0])
  vi.advanceTimersByTime(1)
  expect(heard).toEqual([0, 1])
})

test('publish does not wait, and what was scheduled is then done', () => {
  const { store, change, heard } = counting(intervalScheduler(50))
  change()
  store.publish()
  vi.advanceTimersByTime(100)
  expect(heard).toEqual([0, 1])
})

test('a listener that is sent away by another one hears no more', () => {
  const { store, change } = counting(syncScheduler)
  const heard: number[] = []
  let sendAway = (): void => {}
  store.subscribe((state) => state > 0 && sendAway())
  sendAway = store.subscribe((state) => heard.push(state))
  change()
  expect(heard).toEqual([0])
})

test('after destroy nothing is told', () => {
  const { store, change, heard } = counting(frameScheduler)
  change()
  store.destroy()
  vi.advanceTimersByTime(100)
  expect(heard).toEqual([0])
})
