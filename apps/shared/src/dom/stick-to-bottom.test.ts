import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStickToBottom } from './stick-to-bottom.ts'

let resize: () => void

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        resize = callback
      }
      observe() {}
      disconnect() {}
    },
  )
})
afterEach(() => vi.unstubAllGlobals())

function createScroller(hasRows = true) {
  const scroller = document.createElement('div')
  scroller.append(document.createElement('div'))
  if (hasRows) scroller.firstElementChild?.append(document.createElement('article'))
  const size = { scrollHeight: 1000 }
  Object.defineProperties(scroller, {
    scrollHeight: { get: () => size.scrollHeight },
    clientHeight: { get: () => 400 },
  })
  scroller.scrollTop = 600
  const scrollTo = (top: number) => {
    scroller.scrollTop = top
    scroller.dispatchEvent(new Event('scroll'))
  }
  const grow = (by: number) => {
    size.scrollHeight += by
    resize()
  }
  return { scroller, size, scrollTo, grow }
}

test('follows the text while the end is in view', () => {
  const { scroller, grow } = createScroller()
  createStickToBottom().attach(scroller)
  grow(200)
  expect(scroller.scrollTop).toBe(1200)
})

test('lets go when the reader scrolls up, and stays where they are', () => {
  const { scroller, scrollTo, grow } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  scrollTo(600)
  scrollTo(300)
  grow(200)
  expect(stick.getState()).toBe(false)
  expect(scroller.scrollTop).toBe(300)
})

test('lets go at the first small step up, however fast the text grows', () => {
  const { scroller, scrollTo, grow } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  grow(200)
  scrollTo(scroller.scrollTop - 5)
  grow(200)
  expect(stick.getState()).toBe(false)
  expect(scroller.scrollTop).toBe(1195)
})

test('stays at the end when the text shrinks', () => {
  const { scroller, size, scrollTo, grow } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  grow(200)
  size.scrollHeight = 900
  scrollTo(500)
  expect(stick.getState()).toBe(true)
})

test('takes hold again at the end', () => {
  const { scroller, scrollTo, grow } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  scrollTo(600)
  scrollTo(300)
  scrollTo(590)
  grow(200)
  expect(stick.getState()).toBe(true)
  expect(scroller.scrollTop).toBe(1200)
})

test('does not take text that outran a scroll event for a reader who left', () => {
  const { scroller, size, scrollTo } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  scrollTo(600)
  size.scrollHeight = 1500
  scrollTo(620)
  expect(stick.getState()).toBe(true)
})

test('tells its listeners whether the end is in view, and when that changes', () => {
  const { scroller, scrollTo } = createScroller()
  const stick = createStickToBottom()
  stick.attach(scroller)
  const seen: boolean[] = []
  const unsubscribe = stick.subscribe(() => seen.push(stick.getState()))
  scrollTo(600)
  scrollTo(300)
  scrollTo(200)
  stick.scrollToEnd()
  unsubscribe()
  scrollTo(0)
  expect(seen).toEqual([true, false, true])
})

test('stops watching when detached', () => {
  const { scroller, scrollTo } = createScroller()
  const stick = createStickToBottom()
  const detach = stick.attach(scroller)
  scrollTo(600)
  detach()
  scrollTo(100)
  expect(stick.getState()).toBe(true)
})

test('leaves a conversation without a row where its reader is', () => {
  const { scroller, scrollTo, grow } = createScroller(false)
  const stick = createStickToBottom()
  stick.attach(scroller)
  scrollTo(0)
  grow(200)
  stick.scrollToEnd()
  scrollTo(50)
  scrollTo(0)
  expect(scroller.scrollTop).toBe(0)
  expect(stick.getState()).toBe(true)
})
