import { expect, it, vi } from 'vitest'
import { signedWebhook, signingKey, vectorKey } from '../test/signed-webhook.ts'
import { createFalWebhookHandler } from './index.ts'
import type { FetchHandler, WebhookEvent, WebhookHandlerOptions } from './index.ts'

const body = '{"request_id":"R1","status":"OK","payload":{"output":"Hi"}}'

function handlerOf(options: Partial<WebhookHandlerOptions> = {}): FetchHandler {
  return createFalWebhookHandler({
    onEvent: () => {},
    now: () => 1_700_000_000_000,
    fetch: () => Promise.resolve(Response.json({ keys: [vectorKey.jwk] })),
    ...options,
  })
}

/** Work that goes on until the test lets it end. */
function createWork(): { end: () => void; onEvent: () => Promise<void> } {
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  return { end, onEvent: () => ended }
}

it('hands the event over once, however often it is delivered', async () => {
  const onEvent = vi.fn<(event: WebhookEvent) => void>()
  const handler = handlerOf({ onEvent })
  const together = await Promise.all(Array.from({ length: 20 }, () => handler(signedWebhook(body))))
  const later = await handler(signedWebhook(body))
  expect([...together, later].map(({ status }) => status)).toEqual(Array(21).fill(200))
  expect(onEvent).toHaveBeenCalledOnce()
  expect(onEvent.mock.calls[0]?.[0]).toMatchObject({ requestId: 'R1', payload: { output: 'Hi' } })
})

it('asks fal to deliver again when the work failed, and does it then', async () => {
  const onEvent = vi
    .fn<() => Promise<void>>()
    .mockRejectedValueOnce(new Error('database password: hunter2'))
    .mockResolvedValue()
  const onError = vi.fn<(error: unknown) => void>()
  const handler = handlerOf({ onEvent, onError })
  const first = await handler(signedWebhook(body))
  expect([first.status, await first.text()]).toEqual([
    500,
    '{"detail":"the event could not be handled"}',
  ])
  expect(onError).toHaveBeenCalledWith(new Error('database password: hunter2'))
  expect((await handler(signedWebhook(body))).status).toBe(200)
  expect((await handler(signedWebhook(body))).status).toBe(200)
  expect(onEvent).toHaveBeenCalledTimes(2)
})

it('answers before fal gives up on it, and says how the work ended at the next delivery', async () => {
  const { end, onEvent } = createWork()
  const spy = vi.fn(onEvent)
  const handler = handlerOf({ onEvent: spy, answerWithinMs: 20 })
  const first = await handler(signedWebhook(body))
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '30'])
  expect((await handler(signedWebhook(body))).status).toBe(503)
  end()
  expect((await handler(signedWebhook(body))).status).toBe(200)
  expect(spy).toHaveBeenCalledOnce()
})

it('work that fails after the answer ends no process and is reported', async () => {
  let fail: (error: Error) => void = () => {}
  const onEvent = (): Promise<void> => new Promise((_resolve, reject) => (fail = reject))
  const onError = vi.fn<(error: unknown) => void>()
  const handler = handlerOf({ onEvent, onError, answerWithinMs: 5 })
  expect((await handler(signedWebhook(body))).status).toBe(503)
  fail(new Error('late'))
  await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(new Error('late')))
})

it('keeps to a shared memory of what was seen', async () => {
  const seen = new Set<string>()
  const onEvent = vi.fn<() => void>()
  const machines = [handlerOf({ onEvent, seen }), handlerOf({ onEvent, seen })]
  for (const handler of machines) expect((await handler(signedWebhook(body))).status).toBe(200)
  expect(onEvent).toHaveBeenCalledOnce()
  expect([...seen]).toEqual(['R1'])
})

it('asks for another delivery when that memory is out of reach', async () => {
  const seen = {
    has: () => Promise.reject(new Error('redis is down')),
    add: () => {},
  }
  const onEvent = vi.fn<() => void>()
  expect((await handlerOf({ onEvent, seen })(signedWebhook(body))).status).toBe(500)
  expect(onEvent).not.toHaveBeenCalled()
})

it.each([
  ['no signature', signedWebhook(body, { headers: { 'x-fal-webhook-signature': null } }), 400],
  ['a malformed one', signedWebhook(body, { headers: { 'x-fal-webhook-signature': 'x' } }), 400],
  ['a stale one', signedWebhook(body, { timestamp: '1699999000' }), 401],
  ['a forged one', signedWebhook(body, { key: signingKey(new Uint8Array(32).fill(9)) }), 401],
])('refuses a call with %s and hands nothing over', async (_what, request, status) => {
  const onEvent = vi.fn<() => void>()
  const response = await handlerOf({ onEvent })(request)
  expect(response.status).toBe(status)
  expect(onEvent).not.toHaveBeenCalled()
})

it('asks fal to come again when the keys cannot be had', async () => {
  const load = (): Promise<Response> => Promise.reject(new Error('down'))
  const response = await handlerOf({ fetch: load })(signedWebhook(body))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
})

it('takes a POST and nothing else', async () => {
  const response = await handlerOf()(new Request('https://app.example/hook'))
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})
