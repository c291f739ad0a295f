import { expect, test } from 'vitest'
import { createInterruption } from './interruption.ts'

const setUp = () => {
  const said: string[] = []
  const interruption = createInterruption({
    whenIdle: () => said.push('leaves'),
    atOnce: () => said.push('leaves at once'),
  })
  return { said, interruption }
}

test('while nothing goes on, Ctrl-C leaves', () => {
  const { said, interruption } = setUp()
  interruption.hear()
  expect(said).toEqual(['leaves'])
})

test('the first Ctrl-C stops an answer, the second leaves at once', async () => {
  const { said, interruption } = setUp()
  let stopped = (): void => {}
  const work = interruption.during(
    () => said.push('stops'),
    () => new Promise<void>((resolve) => (stopped = resolve)),
  )
  interruption.hear()
  interruption.hear()
  expect(said).toEqual(['stops', 'leaves at once'])
  stopped()
  await work
})

test('once an answer has ended, even badly, Ctrl-C leaves in order again', async () => {
  const { said, interruption } = setUp()
  await interruption
    .during(
      () => said.push('stops'),
      () => Promise.reject(new Error('broken')),
    )
    .catch(() => {})
  interruption.hear()
  expect(said).toEqual(['leaves'])
})
