import type { Published } from '@fal-llm/core/binding'
import fc from 'fast-check'
import { derived, get } from 'svelte/store'
import { afterEach, expect, test, vi } from 'vitest'
import { fieldStores } from './field-stores.ts'

interface State {
  readonly status: number
  readonly messages: readonly string[]
}

afterEach(() => void vi.restoreAllMocks())

/** A published state whose listeners are counted; one that throws stops nothing but itself, as in the core. */
function createSource(first: State) {
  const listeners = new Set<(state: State) => void>()
  let state = first
  const hear = (listener: (state: State) => void): void => {
    try {
      listener(state)
    } catch (error) {
      console.error(error)
    }
  }
  const source: Published<State> = {
    getState: () => state,
    getServerState: () => first,
    subscribe(listener) {
      const own = (next: State): void => listener(next)
      listeners.add(own)
      hear(own)
      return () => void listeners.delete(own)
    },
  }
  const publish = (next: Partial<State>): void => {
    state = { ...state, ...next }
    for (const listener of Array.from(listeners)) if (listeners.has(listener)) hear(listener)
  }
  return { source, publish, listeners }
}

const empty: State = { status: 0, messages: [] }

test('a field speaks at once, and then only when it changed', () => {
  const { source, publish } = createSource(empty)
  const { messages } = fieldStores(source)
  const heard = vi.fn()
  messages.subscribe(heard)
  publish({ status: 1 })
  publish({ status: 2 })
  expect(heard).toHaveBeenCalledTimes(1)
  const next = ['Hello']
  publish({ messages: next })
  publish({ messages: next })
  expect(heard.mock.calls).toEqual([[[]], [next]])
})

test('the object is a store of the whole state', () => {
  const { source, publish } = createSource(empty)
  const stores = fieldStores(source)
  publish({ status: 1 })
  expect(get(stores)).toEqual({ status: 1, messages: [] })
  expect(get(stores.status)).toBe(1)
})

test('what is derived from two fields never sees one new and the other old, and runs once for both', () => {
  const published = fc.array(fc.record({ ofStatus: fc.boolean(), ofMessages: fc.boolean() }))
  fc.assert(
    fc.property(published, (changes) => {
      const { source, publish } = createSource(empty)
      const stores = fieldStores(source)
      const expected: unknown[] = [[0, []]]
      const seen: unknown[] = []
      const both = derived([stores.status, stores.messages], (pair) => [...pair])
      const unsubscribe = both.subscribe((pair) => void seen.push(pair))
      for (const { ofStatus, ofMessages } of changes) {
        const { status, messages } = source.getState()
        publish({
          ...(ofStatus && { status: status + 1 }),
          ...(ofMessages && { messages: [...messages, 'x'] }),
        })
        const now = source.getState()
        if (ofStatus || ofMessages) expected.push([now.status, now.messages])
      }
      unsubscribe()
      expect(seen).toEqual(expected)
    }),
  )
})

test('a reader that throws, or that publishes itself, keeps nobody from hearing the last of it', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const { source, publish } = createSource(empty)
  const stores = fieldStores(source)
  stores.status.subscribe(() => {
    throw new Error('A reader of the test')
  })
  stores.status.subscribe((status) => {
    if (status === 1) publish({ status: 2 })
  })
  const heard: number[] = []
  const doubled = derived(stores.status, (status) => status * 2)
  doubled.subscribe((status) => void heard.push(status))
  publish({ status: 1 })
  publish({ status: 3 })
  expect(heard.at(-1)).toBe(6)
})

test('nothing listens before the first reader, or after the last', () => {
  const { source, publish, listeners } = createSource(empty)
  const { status, messages } = fieldStores(source)
  expect(listeners.size).toBe(0)
  const leaves = [status.subscribe(() => {}), messages.subscribe(() => {})]
  for (const leave of leaves) {
    leave()
    leave()
  }
  expect(listeners.size).toBe(0)
  const heard = vi.fn()
  status.subscribe(heard)
  publish({ status: 1 })
  expect(heard.mock.calls).toEqual([[0], [1]])
})
