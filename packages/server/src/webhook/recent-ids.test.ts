import { expect, it } from 'vitest'
import { createRecentIds } from './recent-ids.ts'

it('remembers as many ids as it may and forgets the oldest', () => {
  const ids = createRecentIds(2)
  for (const id of ['a', 'b', 'b', 'c']) ids.add(id)
  expect(['a', 'b', 'c'].map((id) => ids.has(id))).toEqual([false, true, true])
})
