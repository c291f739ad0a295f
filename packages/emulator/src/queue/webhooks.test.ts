import { createHash, createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { createQueueCalls } from '../../test/queue-calls.ts'
import { createEmulator } from '../emulator.ts'
import type { EmulatorOptions } from '../options.ts'
import { createWebhookSigner } from './webhook-signer.ts'
import { toWebhookEvent } from './webhooks.ts'

interface Delivery {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly signal: AbortSignal
}

/** An emulator whose webhooks reach a function that answers with the next status. */
function start(statuses: readonly (number | 'never')[], options: EmulatorOptions = {}) {
  const clock = createManualClock()
  const deliveries: Delivery[] = []
  const receive: typeof fetch = (url, { headers, body, signal } = {}) => {
    const status = statuses[deliveries.length] ?? 200
    // The emulator always gives these three.
    deliveries.push({
      url: String(url),
      headers: new Headers(headers),
      body: String(body),
      signal: signal as AbortSignal,
    })
    if (status !== 'never') return Promise.resolve(new Response(null, { status }))
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  }
  const emulator = createEmulator({ clock, fetch: receive, ...options })
  const queue = createQueueCalls(emulator)
  const hook = `?fal_webhook=${encodeURIComponent('http://127.0.0.1:9/hook?a=b')}`
  return { clock, deliveries, emulator, queue, hook }
}

const minuteMs = 60_000

describe('a webhook', () => {
  it('gets the result when the job is completed, signed with the key that is served', async () => {
    const { clock, deliveries, emulator, queue, hook } = start([200])
    const { body } = await queue.submit({ prompt: '/echo héllo' }, { query: hook })
    expect(body.gateway_request_id).toBe(body.request_id)
    await clock.advance(0)
    const [delivery] = deliveries
    expect(delivery?.url).toBe('http://127.0.0.1:9/hook?a=b')
    expect(JSON.parse(delivery?.body ?? '')).toEqual({
      request_id: body.request_id,
      gateway_request_id: body.request_id,
      status: 'OK',
      payload: { output: 'héllo', partial: false, error: null },
    })
    const response = await emulator.fetch(
      new Request('http://127.0.0.1:1/rest.fal.ai/.well-known/jwks.json'),
    )
    const { keys } = (await response.json()) as { keys: { x: string }[] }
    expect(isSignedBy(keys[0]?.x ?? '', delivery)).toBe(true)
    expect(delivery?.headers.get('x-fal-webhook-timestamp')).toBe('1000')
    expect(delivery?.headers.get('x-fal-webhook-request-id')).toBe(body.request_id)
  })

  it('gets a failure with its status and its body', async () => {
    const { clock, deliveries, queue, hook } = start([200])
    await queue.submit({}, { query: hook })
    await clock.advance(0)
    expect(JSON.parse(deliveries[0]?.body ?? '')).toMatchObject({
      status: 'ERROR',
      error: 'Invalid status code: 422',
      payload: { detail: [{ loc: ['body', 'prompt'], type: 'missing' }] },
    })
  })

  it('is called again, ever later, until it answers 2xx', async () => {
    const { clock, deliveries, queue, hook } = start([500, 'never', 404, 200])
    await queue.submit({ prompt: 'hi' }, { query: hook })
    await clock.advance(0)
    expect(deliveries).toHaveLength(1)
    await clock.advance(15_000)
    expect(deliveries).toHaveLength(2)
    await clock.advance(120_000)
    expect(deliveries[1]?.signal.aborted).toBe(true)
    await clock.advance(30_000)
    expect(deliveries).toHaveLength(3)
    await clock.advance(60_000)
    expect(deliveries).toHaveLength(4)
    await clock.advance(300 * minuteMs)
    expect(deliveries).toHaveLength(4)
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('is given up after ten tries in about two hours', async () => {
    const { clock, deliveries, queue, hook } = start(Array.from({ length: 20 }, () => 500))
    await queue.submit({ prompt: 'hi' }, { query: hook })
    await clock.advance(110 * minuteMs)
    expect(deliveries.length).toBeLessThan(10)
    await clock.advance(300 * minuteMs)
    expect(deliveries).toHaveLength(10)
  })

  it('is not called again after a redirect', async () => {
    const { clock, deliveries, queue, hook } = start([302])
    const { body } = await queue.submit({ prompt: 'hi' }, { query: hook })
    await clock.advance(10 * minuteMs)
    expect(deliveries).toHaveLength(1)
    const { logs } = (await queue.status(body.request_id, '?logs=1')).body
    expect(logs?.at(-1)?.message).toContain('redirected')
  })

  it.each([
    ['https://optional.webhook.url/for/results', 'is another machine'],
    ['http://127.0.0.1.evil.example/', 'is another machine'],
    ['nonsense', 'is no URL'],
    ['file:///etc/passwd', 'is no URL'],
  ])('at %s is not called, and the log of the job says why', async (url, reason) => {
    const { clock, deliveries, queue } = start([])
    const query = `?fal_webhook=${encodeURIComponent(url)}`
    const { body } = await queue.submit({ prompt: 'hi' }, { query })
    await clock.advance(0)
    expect(deliveries).toEqual([])
    const { logs } = (await queue.status(body.request_id, '?logs=1')).body
    expect(logs?.at(-1)?.message).toContain(reason)
  })

  it('may be anywhere with webhooksAnywhere', async () => {
    const { clock, deliveries, queue } = start([200], { webhooksAnywhere: true })
    const query = `?fal_webhook=${encodeURIComponent('https://a.example/hook')}`
    await queue.submit({ prompt: 'hi' }, { query })
    await clock.advance(0)
    expect(deliveries).toHaveLength(1)
  })

  it('is forgotten when the emulator is closed', async () => {
    const { clock, deliveries, emulator, queue, hook } = start(['never'])
    await queue.submit({ prompt: 'hi' }, { query: hook })
    await clock.advance(0)
    emulator.close()
    await clock.advance(300 * minuteMs)
    expect(deliveries).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

describe('toWebhookEvent', () => {
  it('has a payload_error when the payload is no JSON', () => {
    const outcome = { status: 200, headers: {}, body: '<html>' }
    expect(toWebhookEvent('id', outcome)).toMatchObject({
      status: 'OK',
      payload: null,
      payload_error: expect.stringContaining('not JSON serializable'),
    })
  })

  it('has no payload for a path that does not exist', () => {
    const outcome = { status: 404, headers: {}, body: '{"detail":"Path /x not found"}' }
    expect(toWebhookEvent('id', outcome)).toMatchObject({
      status: 'ERROR',
      error: 'Invalid status code: 404',
      payload: null,
      payload_error: expect.any(String),
    })
  })
})

describe('createWebhookSigner', () => {
  it('signs the known body with the known key to the known signature', () => {
    const seed = Uint8Array.from({ length: 32 }, (_, index) => index)
    const signer = createWebhookSigner(seed, 'user_42')
    expect(signer.jwks).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg' }],
    })
    const id = '123e4567-e89b-12d3-a456-426614174000'
    const body = `{"request_id":"${id}","gateway_request_id":"${id}","status":"OK","payload":{"output":"héllo","partial":false}}`
    expect(signer.sign(body, id, 1_700_000_000_000)).toMatchObject({
      'x-fal-webhook-signature':
        'a822a207d6266d15028647c4399a7e0de9d844650a2a64fa1d6081b96e79def5295f795a16ce1954a9ae94ee90af1d9c9aa99532d64e43f6a3a93c5c4143b90d',
    })
  })
})

function isSignedBy(x: string, delivery: Delivery | undefined): boolean {
  const header = (name: string): string => delivery?.headers.get(`x-fal-webhook-${name}`) ?? ''
  const hash = createHash('sha256')
    .update(delivery?.body ?? '')
    .digest('hex')
  const message = [header('request-id'), header('user-id'), header('timestamp'), hash].join('\n')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(message), key, Buffer.from(header('signature'), 'hex'))
}
