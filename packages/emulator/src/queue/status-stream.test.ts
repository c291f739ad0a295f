import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createQueueCalls } from '../../test/queue-calls.ts'
import type { WireStatus } from '../../test/queue-calls.ts'
import { parseEvents } from '../../test/read-events.ts'
import { createEmulator } from '../emulator.ts'
import type { EmulatorOptions } from '../options.ts'

function start(options: EmulatorOptions = {}) {
  const clock = createManualClock()
  const emulator = createEmulator({ clock, tokensPerSecond: 10, ...options })
  return { clock, emulator, queue: createQueueCalls(emulator) }
}

describe('the status stream', () => {
  it('sends each change in an unnamed event and closes after COMPLETED', async () => {
    const { clock, queue } = start({ concurrency: 1 })
    await queue.submit({ prompt: '/long 10' })
    const { body } = await queue.submit({ prompt: '/long 10' })
    await clock.advance(0)
    const response = await queue.statusStream(body.request_id)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('x-fal-request-id')).toBe(body.request_id)
    const reading = response.text()
    await clock.advance(60_000)
    const text = await reading
    expect(text).not.toContain('event:')
    expect(
      parseEvents<WireStatus>(text).map(({ status, queue_position, logs }) => [
        status,
        queue_position,
        logs,
      ]),
    ).toEqual([
      ['IN_QUEUE', 0, undefined],
      ['IN_PROGRESS', undefined, null],
      ['COMPLETED', undefined, null],
    ])
  })

  it('carries each log line once, those from before included', async () => {
    const { clock, queue } = start()
    const { body } = await queue.submit({ prompt: '/long 50' })
    await clock.advance(3000)
    const reading = (await queue.statusStream(body.request_id, '?logs=1')).text()
    await clock.advance(60_000)
    const events = parseEvents<WireStatus>(await reading)
    const streamed = events.flatMap(({ logs }) => logs ?? [])
    const polled = (await queue.status(body.request_id, '?logs=1')).body.logs
    expect(streamed).toEqual(polled)
    expect(events.length).toBeGreaterThan(3)
    expect(events.every(({ logs }) => Array.isArray(logs))).toBe(true)
  })

  it('leaves out the lines from before a late client came, with lateLogs new', async () => {
    const { clock, queue } = start({ lateLogs: 'new' })
    const { body } = await queue.submit({ prompt: '/long 50' })
    await clock.advance(3000)
    const before = (await queue.status(body.request_id, '?logs=1')).body.logs ?? []
    const reading = (await queue.statusStream(body.request_id, '?logs=1')).text()
    await clock.advance(60_000)
    const streamed = parseEvents<WireStatus>(await reading).flatMap(({ logs }) => logs ?? [])
    const polled = (await queue.status(body.request_id, '?logs=1')).body.logs ?? []
    expect(before.length).toBeGreaterThan(0)
    expect(streamed).toEqual(polled.slice(before.length))
    expect(streamed.length).toBeGreaterThan(0)
  })

  it('comments every fifteen seconds while nothing happens', async () => {
    const { clock, queue } = start({ firstTokenMs: 40_000 })
    const { body } = await queue.submit({ prompt: '/echo hi' })
    const reading = (await queue.statusStream(body.request_id)).text()
    await clock.advance(120_000)
    const text = await reading
    expect(text.match(/: ping\r\n\r\n/g)).toHaveLength(2)
    expect(parseEvents<WireStatus>(text).at(-1)?.status).toBe('COMPLETED')
  })

  it('is over at once for a completed job', async () => {
    const { clock, queue } = start()
    const { body } = await queue.submit({ prompt: '/echo hi' })
    await clock.advance(10_000)
    const text = await (await queue.statusStream(body.request_id)).text()
    expect(parseEvents<WireStatus>(text).map(({ status }) => status)).toEqual(['COMPLETED'])
  })

  it('answers 404 for an unknown id', async () => {
    const response = await start().queue.statusStream('nope')
    expect([response.status, await response.json()]).toEqual([404, { status: 'NOT_FOUND' }])
  })

  it('leaves nothing behind when its reader goes away, and the job goes on', async () => {
    const { clock, queue } = start({ firstTokenMs: 1000 })
    const { body } = await queue.submit({ prompt: '/echo hi' })
    await clock.advance(0)
    const timersOfTheJob = clock.pending
    const reader = (await queue.statusStream(body.request_id)).body?.getReader()
    await reader?.read()
    const waiting = reader?.read()
    await clock.advance(1)
    expect(clock.pending).toBe(timersOfTheJob + 1)
    await reader?.cancel()
    expect((await waiting)?.done).toBe(true)
    expect(clock.pending).toBe(timersOfTheJob)
    await clock.advance(5000)
    expect((await queue.result(body.request_id)).code).toBe(200)
  })
})
