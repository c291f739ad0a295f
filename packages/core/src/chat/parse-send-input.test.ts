import { expect, test } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { SendInput } from './chat.ts'
import { parseSendInput } from './parse-send-input.ts'

test.each([
  [null, "give 'a text' or { text, images }"],
  [undefined, "give 'a text' or { text, images }"],
  [5, "give 'a text' or { text, images }"],
  [true, "give 'a text' or { text, images }"],
  [{ text: 5 }, '`text` must be a string'],
  [{ text: null }, '`text` must be a string'],
  [{ text: ['Hello'] }, '`text` must be a string'],
  [{ images: 'https://x/y.png' }, '`images` must be a list'],
  [{ images: new Blob(['x']) }, '`images` must be a list'],
  [{ images: 5 }, '`images` must be a list'],
  [{ images: null }, '`images` must be a list'],
  [{ text: 'Hi', images: ['https://x/y.png', 5] }, '`images` must be a list'],
  [{ text: 'Hi', images: [{ url: 'https://x/y.png' }] }, '`images` must be a list'],
  [{ text: 'Hi', images: [null] }, '`images` must be a list'],
  [{ text: 'Hi', images: [''] }, '`images` must be a list'],
  ['', "give 'a text' or { text, images }"],
  [' \n', "give 'a text' or { text, images }"],
  [{}, "give 'a text' or { text, images }"],
  [[], "give 'a text' or { text, images }"],
  [{ images: [] }, "give 'a text' or { text, images }"],
])('%j is refused with what to do instead', (input, message) => {
  // What a caller without types may give.
  const parse = (): unknown => parseSendInput(input as unknown as SendInput)
  expect(parse).toThrow(FalLlmError)
  expect(parse).toThrow(message)
  expect(parse).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})

test('words, images and metadata are taken as they are', () => {
  const blob = new Blob(['x'], { type: 'image/png' })
  expect(parseSendInput(' Hello ')).toEqual({ text: ' Hello ', images: [], metadata: undefined })
  const images = new Set([blob, 'data:image/png;base64,eA=='])
  const parsed = parseSendInput({ images, metadata: { at: 1 } })
  expect(parsed).toEqual({ text: '', images: [...images], metadata: { at: 1 } })
  expect(parsed.images[0]).toBe(blob)
})
