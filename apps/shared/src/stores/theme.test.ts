import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createThemeSwitch } from './theme.ts'

function pretendSystem(dark: boolean) {
  const media = Object.assign(new EventTarget(), { matches: dark })
  vi.stubGlobal('matchMedia', () => media)
  return (next: boolean) => {
    media.matches = next
    media.dispatchEvent(new Event('change'))
  }
}

beforeEach(() => {
  localStorage.clear()
  delete document.documentElement.dataset['theme']
})
afterEach(() => vi.unstubAllGlobals())

test('follows the system until the reader chooses', () => {
  const setSystem = pretendSystem(false)
  const theme = createThemeSwitch()
  expect(theme.getState()).toBe('light')
  expect(document.documentElement.dataset['theme']).toBeUndefined()
  setSystem(true)
  expect(theme.getState()).toBe('dark')
})

test('remembers the choice over the system', () => {
  pretendSystem(false)
  createThemeSwitch().toggle()
  expect(document.documentElement.dataset['theme']).toBe('dark')
  expect(createThemeSwitch().getState()).toBe('dark')
})

test('tells its listeners what it is, and of both changes', () => {
  const setSystem = pretendSystem(false)
  const theme = createThemeSwitch()
  const seen: string[] = []
  theme.subscribe(() => seen.push(theme.getState()))
  setSystem(true)
  theme.toggle()
  expect(seen).toEqual(['light', 'dark', 'light'])
})

test('works where nothing can be stored', () => {
  pretendSystem(false)
  vi.stubGlobal('localStorage', {
    getItem() {
      throw new Error('denied')
    },
    setItem() {
      throw new Error('denied')
    },
  })
  const theme = createThemeSwitch()
  theme.toggle()
  expect(theme.getState()).toBe('dark')
})
