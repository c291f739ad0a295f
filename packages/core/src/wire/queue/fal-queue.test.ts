import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator, ServeOptions } from '@fal-llm/emulator'
import { createManualClock, until } from '@fal-llm/testkit'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmOptions } from '../../generate/fal-llm.ts'
import { FalLlmError } from '../../errors.ts'
import type { GenerationEvent } from '../../events.ts'
import type { GenerationRun } from '../../generate/run.ts'

/** 50 ms, and room for a machine that is busy with other tests. */
const settlesWithinMs = 400

const emulators: RunningEmulator[] = []
afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()))
})
const endpoint = 'fal-ai/any-llm/enterprise' as const

async function against(serve: ServeOptions = {}, options: FalLlmOptions = {}) {
  const emulator = await startEmulator(serve)
  emulators.push(emulator)
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret', ...options })
  const accepted = (call: string): number =>
    emulator.requests.filter((request) => request.accepted === call).length
  const arrived = (call: string): number =>
    emulator.requests.filter((request) => request.call === call).length
  return { emulator, llm, accepted, arrived }
}
async function collect(run: GenerationRun): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = []
  for await (const event of run) events.push(event)
  return events
}
const failureOf = (work: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(work).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
/** Resolves once the run has said this. */
async function untilEvent(
  run: GenerationRun,
  wanted: (event: GenerationEvent) => boolean,
): Promise<void> {
  const events = run[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await events.next()
    if (done || wanted(value)) return
  }
}
const logsOf = (events: readonly GenerationEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'queue-update' ? event.logs.map((line) => line.message) : [],
  )

test('submit, follow by the status stream, result: three requests, follow-ups with owner and app only', async () => {
  const { llm, emulator } = await against()
  const run = llm.generate({
    endpoint,
    prompt: '/echo Hello',
    mode: 'queue',
    logs: true,
    priority: 'low',
    startTimeoutSeconds: 20,
  })
  const events = await collect(run)
  expect(await run).toMatchObject({ text: 'Hello', finishReason: 'stop', endpoint })
  const statuses = events.flatMap((event) => (event.type === 'queue-update' ? [event.status] : []))
  expect(statuses.at(-1)).toBe('COMPLETED')
  expect(logsOf(events).length).toBeGreaterThan(0)
  expect(new Set(logsOf(events)).size).toBe(logsOf(events).length)
  expect(emulator.requests.map((request) => request.call)).toEqual([
    'submit',
    'status-stream',
    'result',
  ])
  const [submit, follow] = emulator.requests
  expect(submit).toMatchObject({
    path: `/${endpoint}`,
    headers: { 'x-fal-queue-priority': 'low', 'x-fal-request-timeout': '20' },
  })
  expect(follow?.path).toMatch(/^\/fal-ai\/any-llm\/requests\/[\w-]+\/status\/stream$/)
})

test.each([
  ['refused', { type: 'respond', status: 500, body: 'no' }],
  ['cut cleanly', { type: 'cut', afterEvents: 1 }],
  ['reset', { type: 'cut', how: 'reset', afterEvents: 1 }],
  ['reset before its head', { type: 'cut', how: 'reset', beforeHead: true }],
  [
    'no stream at all',
    { type: 'respond', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
  ],
] as const)(
  'a status stream that is %s: polling goes on, without a gap or a line twice',
  async (_name, fault) => {
    const { llm, emulator, accepted } = await against({ firstTokenMs: 150 })
    const whole = logsOf(
      await collect(llm.generate({ endpoint, prompt: '/echo Hello', logs: true, mode: 'queue' })),
    )
    emulator.faults.add({ match: { call: 'status-stream' }, fault })
    const run = llm.generate({ endpoint, prompt: '/echo Hello', logs: true, mode: 'queue' })
    const lines = logsOf(await collect(run))
    expect((await run).text).toBe('Hello')
    expect(lines.length).toBe(whole.length)
    expect(accepted('submit')).toBe(2)
  },
)

test('a status stream that is cut once is joined again, and asks only once meanwhile', async () => {
  const { llm, emulator, arrived } = await against({ firstTokenMs: 150 })
  emulator.faults.add({
    match: { call: 'status-stream' },
    fault: { type: 'cut', how: 'reset', afterEvents: 1 },
    times: 1,
  })
  const run = llm.generate({ endpoint, prompt: '/echo Hello', mode: 'queue' })
  expect((await run).text).toBe('Hello')
  expect([arrived('status-stream'), arrived('status')]).toEqual([2, 1])
})

test('a status stream that is held back is given up after 1.5 seconds', async () => {
  const clock = createManualClock()
  const { llm, emulator, arrived } = await against({}, { clock })
  emulator.faults.add({ match: { call: 'status-stream' }, fault: { type: 'stall' } })
  const run = llm.generate({ endpoint, prompt: '/echo Hello', mode: 'queue' })
  clock.advance(await clock.untilTimer((delayMs) => delayMs === 1_500))
  expect((await run).text).toBe('Hello')
  expect(arrived('status')).toBe(1)
})

test("follow: 'poll' never opens a stream", async () => {
  const { llm, arrived } = await against()
  expect(
    (await llm.generate({ endpoint, prompt: '/echo Hi', mode: 'queue', follow: 'poll' })).text,
  ).toBe('Hi')
  expect([arrived('status-stream'), arrived('status')]).toEqual([0, 1])
})

test('a server that goes away in the middle of a job and comes back loses nothing', async () => {
  const { llm, emulator, accepted } = await against({ firstTokenMs: 300 })
  const run = llm.generate({ endpoint, prompt: '/echo still here', mode: 'queue' })
  await untilEvent(run, (event) => event.type === 'queue-update')
  await emulator.restart(200)
  expect((await run).text).toBe('still here')
  expect(accepted('submit')).toBe(1)
})

test('rule 3: a stop settles at once and sends one cancel', async () => {
  const { llm, emulator, arrived } = await against({ firstTokenMs: 60_000 })
  const run = llm.generate({ endpoint, prompt: 'Hi', mode: 'queue' })
  await untilEvent(run, (event) => event.type === 'queue-update')
  const before = performance.now()
  await run.stop()
  expect(performance.now() - before).toBeLessThan(settlesWithinMs)
  await run.stop()
  expect(await failureOf(run)).toMatchObject({ code: 'aborted' })
  await until(() => arrived('cancel') === 1)
  await llm.cancel({ endpoint, requestId: run.requestId ?? '' }).catch(() => {})
  expect(emulator.requests.filter((request) => request.call === 'cancel')).toHaveLength(2)
})

test('a stop while the submit is on its way settles at once; the job is cancelled when its id is known', async () => {
  const { llm, emulator, accepted } = await against({ firstTokenMs: 60_000 })
  emulator.faults.add({
    match: { call: 'submit' },
    fault: { type: 'drip', bytes: 40, everyMs: 10 },
  })
  const run = llm.generate({ endpoint, prompt: 'Hi', mode: 'queue' })
  await until(() => accepted('submit') === 1)
  await run.stop()
  expect(await failureOf(run)).toMatchObject({ code: 'aborted', maybeSubmitted: true })
  await until(() => accepted('cancel') === 1)
})

test('detach leaves the job; attach finds its answer, from another client too', async () => {
  const { llm, emulator, accepted } = await against({ firstTokenMs: 100 })
  const run = llm.generate({ endpoint, prompt: '/echo later', mode: 'queue' })
  await untilEvent(run, (event) => event.type === 'queue-update')
  const requestId = run.requestId ?? ''
  run.detach()
  expect(await failureOf(run)).toMatchObject({ code: 'aborted' })
  const other = createFalLlm({ baseUrl: emulator.url, credentials: 'other:key' })
  const joined = other.attach({ endpoint, requestId }, { logs: true })
  const lines = logsOf(await collect(joined))
  expect((await joined).text).toBe('later')
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.length).toBeGreaterThan(0)
  expect([accepted('submit'), accepted('cancel')]).toEqual([1, 0])
})

test('submit returns at once; cancel says what became of the wish', async () => {
  const { llm } = await against({ firstTokenMs: 60_000 })
  const job = await llm.submit({ endpoint, prompt: 'Hi' })
  expect(job.endpoint).toBe(endpoint)
  expect(await llm.cancel({ endpoint, requestId: job.requestId })).toBe('cancelled')
  expect(await llm.cancel({ endpoint, requestId: 'b7d2ae9e-0000-4000-8000-000000000000' })).toBe(
    'not-found',
  )
  const quick = await against()
  const done = await quick.llm.submit({ endpoint, prompt: 'Hi' })
  await quick.llm.attach({ endpoint, requestId: done.requestId })
  expect(await quick.llm.cancel({ endpoint, requestId: done.requestId })).toBe('already-completed')
})

test.each([
  [
    'a model error',
    { type: 'fail-job', status: 422, detail: 'The prompt was flagged' },
    'invalid-input',
  ],
  [
    'a runner that went away',
    {
      type: 'fail-job',
      status: 503,
      errorType: 'runner_disconnected',
      detail: 'Runner disconnected',
    },
    'overloaded',
  ],
  [
    'a start time-out',
    { type: 'fail-job', status: 504, errorType: 'request_timeout', detail: 'Request timed out' },
    'timeout',
  ],
] as const)('a job that ends with %s is an error with fal’s words', async (_name, fault, code) => {
  const { llm, emulator, arrived } = await against()
  emulator.faults.add({ match: { call: 'submit' }, fault })
  const error = await failureOf(llm.generate({ endpoint, prompt: 'Hi', mode: 'queue' }))
  expect(error).toMatchObject({ code, message: expect.stringContaining(fault.detail) })
  expect(arrived('result')).toBe(1)
})

test('a job that fal does not know is not found', async () => {
  const { llm } = await against()
  const requestId = 'b7d2ae9e-0000-4000-8000-000000000000'
  expect(await failureOf(llm.attach({ endpoint, requestId }))).toMatchObject({ code: 'not-found' })
})

test.each(['../../../admin', 'a/b', 'a%2fb', 'a b', 'a\r\nx: y', '..', '', 'https://evil'])(
  'rule 12: %j is no request id and nothing is sent',
  async (requestId) => {
    const { llm, emulator } = await against()
    expect(await failureOf(llm.attach({ endpoint, requestId }))).toMatchObject({
      code: 'invalid-input',
    })
    expect(await failureOf(llm.cancel({ endpoint, requestId }))).toMatchObject({
      code: 'invalid-input',
    })
    expect(emulator.requests).toHaveLength(0)
  },
)

test('rule 10: a submit whose answer is lost is sent once, and says that it may have been accepted', async () => {
  for (const fault of [
    { type: 'cut', how: 'reset', beforeHead: true },
    { type: 'respond', status: 502 },
    { type: 'respond', status: 504 },
  ] as const) {
    const { llm, emulator, accepted, arrived } = await against()
    emulator.faults.add({ match: { call: 'submit' }, times: 9, fault, handled: true })
    expect(await failureOf(llm.submit({ endpoint, prompt: 'Hi' }))).toMatchObject({
      maybeSubmitted: true,
    })
    expect([accepted('submit'), arrived('submit')]).toEqual([1, 1])
  }
})

test('rule 10: the client’s own retries are gone, ours obey Retry-After', async () => {
  const clock = createManualClock()
  const { llm, emulator, arrived } = await against({}, { clock })
  const fault = { type: 'respond', status: 429, headers: { 'retry-after': '5' } } as const
  emulator.faults.add({ match: { call: 'submit' }, times: 9, fault })
  const submitting = failureOf(llm.submit({ endpoint, prompt: 'Hi' }))
  for (let count = 1; count < 3; count++) {
    const delayMs = await clock.untilTimer((wait) => wait >= 5_000 && wait < 15_000)
    expect(arrived('submit')).toBe(count)
    clock.advance(delayMs)
  }
  expect(await submitting).toMatchObject({
    code: 'rate-limited',
    status: 429,
    maybeSubmitted: false,
  })
  expect(arrived('submit')).toBe(3)
})

test('the messages endpoint goes through the queue as well', async () => {
  const { llm } = await against()
  const result = await llm.generate({
    endpoint: 'openrouter/router/openai/v1/chat/completions',
    model: 'google/gemini-2.5-flash',
    messages: [{ role: 'user', content: '/echo Hello' }],
    mode: 'queue',
  })
  expect(result).toMatchObject({ text: 'Hello', finishReason: 'stop', usage: { estimated: false } })
})
