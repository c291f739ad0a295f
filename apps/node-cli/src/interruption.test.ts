import { expect, test } from 'vitest'
import { createInterruption } from './interruption.ts'

const setUp = () => {
  const events: string[] = []
  const interruption = createInterruption({
    whenIdle: () => events.push('leaves'),
    atOnce: () => events.push('leaves at once'),
  })
  return { events, interruption }
}

test('while nothing goes on, Ctrl-C leaves', () => {
  const { events, interruption } = setUp()
  interruption.interrupt()
  expect(events).toEqual(['leaves'])
})

test('the first Ctrl-C stops an answer, the second leaves at once', async () => {
  const { events, interruption } = setUp()
  let stopped = (): void => {}
  const work = interruption.during(
    () => events.push('stops'),
    () => new Promise<void>((resolve) => (stopped = resolve)),
  )
  interruption.interrupt()
  interruption.interrupt()
  expect(events).toEqual(['stops', 'leaves at once'])
  stopped()
  await work
})

test('once an answer has ended, even badly, Ctrl-C leaves in order again', async () => {
  const { events, interruption } = setUp()
  await interruption
    .during(
      () => events.push('stops'),
      () => Promise.reject(new Error('broken')),
    )
    .catch(() => {})
  interruption.interrupt()
  expect(events).toEqual(['leaves'])
})
