import { expect, test } from 'vitest'
import { loadPart } from './load-part.ts'

test('hands a part over once it is loaded', async () => {
  expect(await loadPart(async () => ({ answer: 42 }))).toEqual({ answer: 42 })
})

test('a part that cannot be fetched is the network having given out: try again', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module')
  const loading = loadPart(() => Promise.reject(cause))
  await expect(loading).rejects.toMatchObject({ code: 'network', retryable: true, cause })
})
