import { expect, it } from 'vitest'
import { readEvents } from '../test/read-events.ts'
import type { Output } from './answers/output.ts'
import { startEmulator } from './serve.ts'

it('answers hundreds of streams and jobs at once, and keeps no more than it may', async () => {
  const emulator = await startEmulator({
    concurrency: 50,
    maxKeptJobs: 100,
    maxLoggedRequests: 200,
    maxQueuedJobs: 300,
  })
  const ask = (path: string, prompt: string): Promise<Response> =>
    fetch(`${emulator.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
      body: JSON.stringify({ prompt }),
    })
  const count = 300
  const outputs = Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const response = await ask('/fal.run/fal-ai/any-llm/stream', `/echo stream ${index}`)
      return (await readEvents<Output>(response)).at(-1)?.output
    }),
  )
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const response = await ask('/queue.fal.run/fal-ai/any-llm', `/echo job ${index}`)
      await response.text()
      return response.status
    }),
  )
  expect(await outputs).toEqual(Array.from({ length: count }, (_, index) => `stream ${index}`))
  expect(new Set(statuses)).toEqual(new Set([200]))
  await emulator.until(() => emulator.queue.waiting + emulator.queue.running === 0)
  expect(emulator.active).toBe(0)
  expect(emulator.queue.kept).toBe(100)
  expect(emulator.requests).toHaveLength(200)
  await emulator.close()
}, 20_000)
