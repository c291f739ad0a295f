import { settled, until } from '@fal-llm/testkit/settled'
import { expect, it, onTestFinished, vi } from 'vitest'
import { signedWebhook, signingKey, vectorKey } from '../../test/signed-webhook.ts'
import { FalWebhookError, createFalWebhookHandler, createMemoryClaims } from '../index.ts'
import type { FetchHandler, WebhookClaims, WebhookEvent, WebhookHandlerOptions } from '../index.ts'

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
  expect(await later.text()).toBe('{"detail":"received"}')
  expect(onEvent).toHaveBeenCalledOnce()
  expect(onEvent.mock.calls[0]?.[0]).toMatchObject({ requestId: 'R1', payload: { output: 'Hi' } })
})

it('lets a delivery that comes during the work wait for it', async () => {
  const { end, onEvent } = createWork()
  const spy = vi.fn(onEvent)
  const load = vi.fn<typeof fetch>(() => Promise.resolve(Response.json({ keys: [vectorKey.jwk] })))
  const claim = vi.fn<WebhookClaims['claim']>(() => 'claimed')
  const handler = handlerOf({
    onEvent: spy,
    fetch: load,
    claims: { ...createMemoryClaims(), claim },
  })
  const first = handler(signedWebhook(body))
  await until(() => spy.mock.calls.length === 1)
  const checks = vi.spyOn(crypto.subtle, 'verify')
  onTestFinished(() => checks.mockRestore())
  const answered = { status: 0 }
  const second = handler(signedWebhook(body)).then(({ status }) => (answered.status = status))
  await until(() => checks.mock.results.length === 1)
  await checks.mock.results[0]?.value
  // What follows the check of its signature takes no more than this.
  await settled()
  expect(answered.status).toBe(0)
  end()
  expect([(await first).status, await second]).toEqual([200, 200])
  expect([spy.mock.calls.length, claim.mock.calls.length]).toEqual([1, 1])
})

it('makes fal deliver again when the work failed, and does it then', async () => {
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

it('answers before fal gives up on it, and answers the next delivery with how the work ended', async () => {
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

it('shares claims with other machines: one works, the others learn that it works, and then that it is done', async () => {
  const { end, onEvent } = createWork()
  const claims = createMemoryClaims()
  const spy = vi.fn(onEvent)
  const [first, second] = [handlerOf({ onEvent: spy, claims }), handlerOf({ onEvent: spy, claims })]
  const working = first(signedWebhook(body))
  await until(() => spy.mock.calls.length === 1)
  const busy = await second(signedWebhook(body))
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '30'])
  end()
  expect((await working).status).toBe(200)
  expect((await second(signedWebhook(body))).status).toBe(200)
  expect(spy).toHaveBeenCalledOnce()
})

it('gives a claim back when the work failed, so that another machine can have it', async () => {
  const claims = createMemoryClaims()
  const failing = handlerOf({ onEvent: () => Promise.reject(new Error('no')), claims })
  const onEvent = vi.fn<() => void>()
  expect((await failing(signedWebhook(body))).status).toBe(500)
  expect((await handlerOf({ onEvent, claims })(signedWebhook(body))).status).toBe(200)
  expect(onEvent).toHaveBeenCalledOnce()
})

it('makes each claim, and ends it, as an owner of its own', async () => {
  const calls: string[][] = []
  const note =
    (what: string) =>
    (...words: string[]): 'claimed' => {
      calls.push([what, ...words])
      return 'claimed'
    }
  const claims = { claim: note('claim'), complete: note('complete'), release: note('release') }
  const onEvent = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('no'))
  const handler = handlerOf({ onEvent, claims })
  await handler(signedWebhook(body))
  await handler(signedWebhook(body))
  const [one, two] = [calls[0]?.[2], calls[2]?.[2]]
  expect(calls).toEqual([
    ['claim', 'R1', one],
    ['release', 'R1', one],
    ['claim', 'R1', two],
    ['complete', 'R1', two],
  ])
  expect(one).toMatch(/^[\da-f-]{36}$/)
  expect(two).not.toBe(one)
})

it('hands nothing over and makes fal deliver again when claims are out of reach', async () => {
  const cause = new Error('redis is down')
  const claims = { ...createMemoryClaims(), claim: () => Promise.reject(cause) }
  const onEvent = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const response = await handlerOf({ onEvent, claims, onError })(signedWebhook(body))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10'])
  expect(await response.text()).not.toContain('redis')
  expect(onEvent).not.toHaveBeenCalled()
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'claims-unavailable', cause }),
  )
})

it.each([
  // For example, what `SET NX` answers.
  ['OK', "'OK'"],
  [true, 'true'],
  [undefined, 'undefined'],
])('hands nothing over when a claim answers %s, and says so', async (claim, shown) => {
  const claims = { ...createMemoryClaims(), claim: () => claim } as unknown as WebhookClaims
  const onEvent = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  expect((await handlerOf({ onEvent, claims, onError })(signedWebhook(body))).status).toBe(500)
  expect(onEvent).not.toHaveBeenCalled()
  expect(onError).toHaveBeenCalledWith(
    new TypeError(`claims.claim must answer 'claimed', 'busy' or 'done', not ${shown}`),
  )
})

it('does not wait for claims that do not answer, and releases one that comes too late', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const memory = createMemoryClaims()
  let answerNow: () => void = () => {}
  const claim = vi.fn<WebhookClaims['claim']>((...call) => memory.claim(...call))
  claim.mockImplementationOnce(
    (...call) =>
      new Promise((resolve) => {
        answerNow = () => resolve(memory.claim(...call))
      }),
  )
  const onEvent = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const handler = handlerOf({ onEvent, onError, claims: { ...memory, claim } })
  const hung = handler(signedWebhook(body))
  await until(() => claim.mock.calls.length === 1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect((await hung).status).toBe(503)
  const cause = new Error('claims.claim did not answer within 5000 ms')
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'claims-unavailable', cause }),
  )
  answerNow()
  await vi.advanceTimersByTimeAsync(0)
  expect(onEvent).not.toHaveBeenCalled()
  expect((await handler(signedWebhook(body))).status).toBe(200)
  expect(onEvent).toHaveBeenCalledOnce()
})

it('gives back no claim that another machine has', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let answerNow: () => void = () => {}
  const claim = vi.fn<WebhookClaims['claim']>(
    () => new Promise((resolve) => (answerNow = () => resolve('busy'))),
  )
  const release = vi.fn<WebhookClaims['release']>()
  const claims = { ...createMemoryClaims(), claim, release }
  const answer = handlerOf({ claims })(signedWebhook(body))
  await until(() => claim.mock.calls.length === 1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect((await answer).status).toBe(503)
  answerNow()
  await vi.advanceTimersByTimeAsync(0)
  expect(release).not.toHaveBeenCalled()
})

it.each(['complete', 'release'] as const)(
  'answers only once the %s is through: the next delivery may come at once',
  async (name) => {
    const { end, onEvent: work } = createWork()
    const step = vi.fn(work)
    const claims = { ...createMemoryClaims(), [name]: step }
    const onEvent = (): Promise<void> =>
      name === 'complete' ? Promise.resolve() : Promise.reject(new Error('no'))
    const answered = { status: 0 }
    const answer = handlerOf({ claims, onEvent })(signedWebhook(body)).then(
      ({ status }) => (answered.status = status),
    )
    await until(() => step.mock.calls.length === 1)
    await settled()
    expect(answered.status).toBe(0)
    end()
    expect(await answer).toBe(name === 'complete' ? 200 : 500)
  },
)

it('waits as long as a timer can for an answer that may take longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { end, onEvent } = createWork()
  const spy = vi.fn(onEvent)
  const answer = handlerOf({ onEvent: spy, answerWithinMs: 2 ** 32 })(signedWebhook(body))
  await until(() => spy.mock.calls.length === 1)
  await vi.advanceTimersByTimeAsync(60_000)
  end()
  expect((await answer).status).toBe(200)
})

it('calls onEvent as a method of its options', async () => {
  const options = {
    seen: 0,
    onEvent(this: { seen: number }): void {
      this.seen += 1
    },
    now: () => 1_700_000_000_000,
    fetch: () => Promise.resolve(Response.json({ keys: [vectorKey.jwk] })),
  }
  expect((await createFalWebhookHandler(options)(signedWebhook(body))).status).toBe(200)
  expect(options.seen).toBe(1)
})

it.each(['complete', 'release'] as const)(
  'does not wait for a %s that says nothing',
  async (name) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const hang = vi.fn<() => Promise<void>>(() => new Promise(() => {}))
    const claims = { ...createMemoryClaims(), [name]: hang }
    const onEvent = (): Promise<void> =>
      name === 'complete' ? Promise.resolve() : Promise.reject(new Error('no'))
    const onError = vi.fn<(error: unknown) => void>()
    const answer = handlerOf({ claims, onEvent, onError })(signedWebhook(body))
    await until(() => hang.mock.calls.length === 1)
    await vi.advanceTimersByTimeAsync(5_000)
    expect((await answer).status).toBe(name === 'complete' ? 200 : 500)
    expect(onError.mock.calls[0]).toEqual([
      new Error(`claims.${name} did not answer within 5000 ms`),
    ])
  },
)

it('is stopped by no listener that throws or rejects', async () => {
  const listeners = [
    () => {
      throw new Error('a logger')
    },
    () => Promise.reject(new Error('a logger')),
  ]
  for (const onError of listeners) {
    const onEvent = (): Promise<void> => Promise.reject(new Error('no'))
    const handler = handlerOf({ onEvent, onError })
    expect((await handler(signedWebhook(body))).status).toBe(500)
    expect((await handler(signedWebhook(body, { timestamp: '1' }))).status).toBe(401)
  }
})

it('acknowledges work that was done although it could not be noted, and reports that', async () => {
  const complete = (): Promise<void> => Promise.reject(new Error('redis is down'))
  const onError = vi.fn<(error: unknown) => void>()
  const claims = { ...createMemoryClaims(), complete }
  expect((await handlerOf({ claims, onError })(signedWebhook(body))).status).toBe(200)
  expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('redis is down'))
})

it('reports both, the work that failed and the claim that could not be given back', async () => {
  const claims = { ...createMemoryClaims(), release: () => Promise.reject(new Error('down')) }
  const onError = vi.fn<(error: unknown) => void>()
  const onEvent = (): Promise<void> => Promise.reject(new Error('no'))
  expect((await handlerOf({ onEvent, claims, onError })(signedWebhook(body))).status).toBe(500)
  expect(onError.mock.calls).toEqual([[new Error('down')], [new Error('no')]])
})

it('takes so many calls in progress and no more, and looks at nothing of the others', async () => {
  const onError = vi.fn<(error: unknown) => void>()
  const load = vi.fn<() => Promise<Response>>(() => new Promise(() => {}))
  const handler = handlerOf({ maxInProgress: 3, onError, fetch: load })
  const stalled = Array.from({ length: 3 }, () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    return { answer: handler(withStream(readable)), writer: writable.getWriter() }
  })
  const refused = signedWebhook(body)
  const answer = await handler(refused)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(refused.bodyUsed).toBe(false)
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'overloaded' }))
  // One of them leaves, and there is room again.
  await stalled[0]?.writer.abort(new Error('left'))
  expect((await stalled[0]?.answer)?.status).toBe(400)
  const next = signedWebhook(body)
  void handler(next)
  expect(next.bodyUsed).toBe(true)
})

it('counts work that outlives its answer', async () => {
  const { end, onEvent } = createWork()
  const handler = handlerOf({ onEvent, maxInProgress: 1, answerWithinMs: 5 })
  const late = await handler(signedWebhook(body))
  expect([late.status, await late.text()]).toEqual([503, '{"detail":"still at work"}'])
  const other = '{"request_id":"R2","status":"OK"}'
  const full = await handler(signedWebhook(other))
  expect(await full.text()).toBe('{"detail":"too many calls in progress"}')
  end()
  await vi.waitUntil(async () => (await handler(signedWebhook(other))).status === 200)
})

it('takes 128 at once by default', async () => {
  const { end, onEvent } = createWork()
  const handler = handlerOf({ onEvent })
  const answers = Array.from({ length: 129 }, (_, i) =>
    handler(signedWebhook(`{"request_id":"R${i}","status":"OK"}`)),
  )
  end()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses).toEqual([...Array(128).fill(200), 503])
})

it('counts the time until its answer from the arrival of the call', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const slowKeys = vi.fn<() => Promise<Response>>(
    () =>
      new Promise((resolve) => {
        setTimeout(() => resolve(Response.json({ keys: [vectorKey.jwk] })), 3_000)
      }),
  )
  const work = createWork()
  const onEvent = vi.fn(work.onEvent)
  const outcome = { status: 0 }
  void handlerOf({ onEvent, fetch: slowKeys })(signedWebhook(body)).then(
    ({ status }) => (outcome.status = status),
  )
  await until(() => slowKeys.mock.calls.length === 1)
  await vi.advanceTimersByTimeAsync(3_000)
  await until(() => onEvent.mock.calls.length === 1)
  await vi.advanceTimersByTimeAsync(6_999)
  expect(outcome.status).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(outcome.status).toBe(503)
})

it.each([
  [{ onEvent: undefined }, 'onEvent must be a function'],
  [{ claims: { claim: () => 'claimed', release: () => {} } }, 'claims.complete must be a function'],
  [{ answerWithinMs: 0 }, 'answerWithinMs must be a number of at least 1, not 0'],
  [{ answerWithinMs: Number.NaN }, 'answerWithinMs must be a number of at least 1, not NaN'],
  [{ maxInProgress: 0 }, 'maxInProgress must be a number of at least 1, not 0'],
  [{ maxInProgress: Number.POSITIVE_INFINITY }, 'maxInProgress must be a number'],
  [{ maxBodyBytes: -1 }, 'maxBodyBytes must be a number of at least 1, not -1'],
  [{ expectedUserId: '' }, 'expectedUserId is there but empty'],
])('refuses %o at start: %s', (options, message) => {
  expect(() => handlerOf(options as Partial<WebhookHandlerOptions>)).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }),
  )
})

function withStream(stream: ReadableStream<Uint8Array>): Request {
  const { url, headers } = signedWebhook(body)
  // The DOM's types do not know that a body that is a stream needs this.
  const half = { duplex: 'half' }
  return new Request(url, { method: 'POST', headers, body: stream, ...half })
}

it.each([
  ['no signature', signedWebhook(body, { headers: { 'x-fal-webhook-signature': null } }), 400],
  ['a malformed one', signedWebhook(body, { headers: { 'x-fal-webhook-signature': 'x' } }), 400],
  ['a stale one', signedWebhook(body, { timestamp: '1699999000' }), 401],
  ['a forged one', signedWebhook(body, { key: signingKey(new Uint8Array(32).fill(9)) }), 401],
  ['a foreign user', signedWebhook(body, { userId: 'user_43' }), 403],
  ['a body that is too large', signedWebhook(`"${'x'.repeat(1_048_576)}"`), 413],
])('refuses a call with %s and hands nothing over', async (_what, request, status) => {
  const onEvent = vi.fn<() => void>()
  const onError = vi.fn<(error: unknown) => void>()
  const response = await handlerOf({ onEvent, onError, expectedUserId: 'user_42' })(request)
  expect([response.status, response.headers.has('retry-after')]).toEqual([status, false])
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(FalWebhookError))
  expect(onEvent).not.toHaveBeenCalled()
})

it('makes fal deliver again when the keys cannot be had', async () => {
  const load = (): Promise<Response> => Promise.reject(new Error('down'))
  const response = await handlerOf({ fetch: load })(signedWebhook(body))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10'])
})

it('answers 408 for a body that does not come', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const answer = handlerOf()(withStream(new ReadableStream()))
  await vi.advanceTimersByTimeAsync(5_000)
  expect((await answer).status).toBe(408)
})

it('names the account whose event it is', async () => {
  const onEvent = vi.fn<(event: WebhookEvent) => void>()
  await handlerOf({ onEvent })(signedWebhook(body, { userId: 'user_7' }))
  expect(onEvent.mock.calls[0]?.[0].userId).toBe('user_7')
})

it('takes a POST and nothing else', async () => {
  const response = await handlerOf()(new Request('https://app.example/hook'))
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})
