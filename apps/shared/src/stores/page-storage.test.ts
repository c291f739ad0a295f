import { afterEach, expect, test, vi } from 'vitest'
import { createSettings } from './settings.ts'
import { pageStorage } from './page-storage.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('is the storage of the page', () => {
  expect(pageStorage('sessionStorage')).toBe(sessionStorage)
})

test('where a look at it throws, what is chosen lasts as long as the page', () => {
  vi.spyOn(globalThis, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('Access is denied', 'SecurityError')
  })
  const settings = createSettings()
  settings.toggleDurable()
  expect(settings.getState().durable).toBe(true)
})
