import { expect, test } from 'vitest'
import { toImageUrl } from './image-url.ts'

const emulator = 'http://127.0.0.1:8787'

test.each([
  ['https://v3.fal.media/files/a/b.png?x=1', `${emulator}/v3.fal.media/files/a/b.png?x=1`],
  ['https://example.com/b.png', 'https://example.com/b.png'],
  ['https://evil-fal.media/b.png', 'https://evil-fal.media/b.png'],
  ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['', ''],
])('with an emulator, %j is shown from %j', (url, source) => {
  expect(toImageUrl(url, emulator)).toBe(source)
})

test('without one, an image is shown from where it lies', () => {
  const url = 'https://v3.fal.media/files/a/b.png'
  expect(toImageUrl(url, undefined)).toBe(url)
})
