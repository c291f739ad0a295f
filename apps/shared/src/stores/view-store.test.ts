import { expect, test } from 'vitest'
import { createViewStore } from './view-store.ts'

test('tells a listener the state at once and after each change, until it leaves', () => {
  const store = createViewStore(1)
  const seen: number[] = []
  const unsubscribe = store.subscribe((state) => seen.push(state))
  store.set(2)
  store.set(2)
  unsubscribe()
  store.set(3)
  expect(seen).toEqual([1, 2])
  expect(store.getState()).toBe(3)
})

test('one function may listen twice, and leave once', () => {
  const store = createViewStore(1)
  const seen: number[] = []
  const listener = (state: number) => seen.push(state)
  const unsubscribe = store.subscribe(listener)
  store.subscribe(listener)
  unsubscribe()
  store.set(2)
  expect(seen).toEqual([1, 1, 2])
})
