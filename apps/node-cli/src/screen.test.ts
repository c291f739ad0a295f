import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toPrintable } from './screen.ts'

test.each([
  ['plain', 'plain'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['windows\r\nline', 'windows\nline'],
  ['\u001B]0;new title\u0007', '␛]0;new title␇'],
  ['\u001B[2J', '␛[2J'],
  ['\u009B2J\u007F', '\uFFFD2J\uFFFD'],
  ['über 😀 漢字', 'über 😀 漢字'],
])('shows %j', (text, shown) => {
  expect(toPrintable(text)).toBe(shown)
})

test('nothing that could move a cursor is left, wherever the text is cut', () => {
  const control = fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCharCode(code))
  fc.assert(
    fc.property(fc.array(fc.oneof(control, fc.string())), (pieces) => {
      const shown = toPrintable(pieces.join(''))
      expect(shown.replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u)
      expect(pieces.map(toPrintable).join('')).toBe(shown)
    }),
  )
})
