import { expect, test } from 'vitest'
import { toPictureUrl } from './picture-url.ts'

const emulator = 'http://127.0.0.1:8787'

test.each([
  ['https://v3.fal.media/files/a/b.png?x=1', `${emulator}/v3.fal.media/files/a/b.png?x=1`],
  ['https://example.com/b.png', 'https://example.com/b.png'],
  ['https://evil-fal.media/b.png', 'https://evil-fal.media/b.png'],
  ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['', ''],
])('with an emulator, %j is shown from %j', (url, source) => {
  expect(toPictureUrl(url, emulator)).toBe(source)
})

test('without one, a picture is shown from where it lies', () => {
  const url = 'https://v3.fal.media/files/a/b.png'
  expect(toPictureUrl(url, undefined)).toBe(url)
})
