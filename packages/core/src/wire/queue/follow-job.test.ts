// A job that was submitted is paid for. What may go wrong while it is followed, and what becomes of its answer.

import { createManualClock, settled, startByteServer, until } from '@fal-llm/testkit'
import type { Answer, ByteServer, ManualClock, ReceivedRequest } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmOptions } from '../../generate/fal-llm.ts'
import { FalLlmError } from '../../errors.ts'
import type { GenerationEvent } from '../../events.ts'
import type { GenerationRun } from '../../generate/run.ts'

const servers: ByteServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const endpoint = 'fal-ai/any-llm/enterprise' as const
const requestId = 'job-7'
const job = { endpoint, requestId }
const json = { 'content-type': 'application/json', 'x-fal-request-id': 'of-this-get' }
const html = { 'content-type': 'text/html' }

type Part = 'submit' | 'stream' | 'status' | 'result' | 'cancel'
/** Answers one request; `count` is of its part, from 1. */
type Reply = (answer: Answer, count: number, request: ReceivedRequest) => void
type Replies = Partial<Record<Part, Reply>>

const say =
  (body: unknown, status = 200): Reply =>
  (answer) =>
    answer.head(status, json).write(JSON.stringify(body)).end()
const event = (status: object): string => `data: ${JSON.stringify(status)}\n\n`
const completed = { status: 'COMPLETED', request_id: requestId, logs: null }
const inProgress = { status: 'IN_PROGRESS', request_id: requestId, logs: [] }
const inQueue = { status: 'IN_QUEUE', request_id: requestId, queue_position: 1 }
const good: Record<Part, Reply> = {
  submit: say({ request_id: requestId }),
  stream: (answer) => answer.head(503, html).end(),
  status: say(completed),
  result: say({ output: 'paid for' }),
  cancel: say({ status: 'CANCELLATION_REQUESTED' }, 202),
}

function partOf({ method, path }: ReceivedRequest): Part {
  if (method === 'POST') return 'submit'
  if (method === 'PUT') return 'cancel'
  if (path.includes('/status/stream')) return 'stream'
  return path.includes('/status') ? 'status' : 'result'
}

async function against(replies: Replies, options: FalLlmOptions = {}) {
  const asked: Record<Part, number> = { submit: 0, stream: 0, status: 0, result: 0, cancel: 0 }
  const server = await startByteServer((answer, request) => {
    const part = partOf(request)
    asked[part] += 1
    ;(replies[part] ?? good[part])(answer, asked[part], request)
  })
  servers.push(server)
  const clock = createManualClock()
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret', clock, ...options })
  const ask = (more: object = {}): GenerationRun =>
    llm.generate({ endpoint, prompt: 'Hi', mode: 'queue', follow: 'poll', ...more })
  return { server, clock, llm, ask, asked }
}

/** Lets sockets deliver, then moves time, until the run has ended; how long it took by the clock. */
async function drive(clock: ManualClock, run: PromiseLike<unknown>, stepMs = 200): Promise<number> {
  const startedAt = clock.now()
  let over = false
  const end = (): void => void (over = true)
  run.then(end, end)
  for (;;) {
    for (let turn = 0; turn < 40 && !over; turn++) await settled()
    if (over) return clock.now() - startedAt
    clock.advance(stepMs)
  }
}
async function answerOf(clock: ManualClock, run: GenerationRun): Promise<string> {
  await drive(clock, run)
  return (await run).text
}
async function failureOf(clock: ManualClock, run: GenerationRun): Promise<FalLlmError> {
  await drive(clock, run)
  return Promise.resolve(run).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
}
async function collect(run: GenerationRun): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = []
  for await (const heard of run) events.push(heard)
  return events
}

const bad: readonly (readonly [string, Reply])[] = [
  ['reset before its head', (answer) => answer.reset()],
  [
    'cut',
    (answer) => {
      answer.head(200, { ...json, 'content-length': '400' }).write('{"output":"pa')
      setImmediate(() => answer.reset())
    },
  ],
  ['cut cleanly', (answer) => answer.head(200, json).write('{"output":"pa').end()],
  ['empty', (answer) => answer.head(200, json).end()],
  ['204', (answer) => answer.head(204, {}).end()],
  [
    'garbled',
    (answer) =>
      answer
        .head(200, json)
        .write(Uint8Array.of(0xff, 0, 0x7b))
        .end(),
  ],
  [
    'no gzip',
    (answer) =>
      answer
        .head(200, { ...json, 'content-encoding': 'gzip' })
        .write('x')
        .end(),
  ],
  ['a page of HTML', (answer) => answer.head(200, html).write('<!doctype html>').end()],
  ['a redirect to a login page', (answer) => answer.head(302, { location: '/login' }).end()],
  ['500', (answer) => answer.head(500, json).write('{"detail":"Internal Server Error"}').end()],
  ['502 as a page', (answer) => answer.head(502, html).write('<h1>Bad Gateway</h1>').end()],
  ['503', (answer) => answer.head(503, {}).end()],
  ['504', (answer) => answer.head(504, html).end()],
  ['429', say({ detail: 'Too many requests' }, 429)],
  ['never answered', () => {}],
  ['stalled after its head', (answer) => void answer.head(200, json)],
  ['stalled in its body', (answer) => void answer.head(200, json).write('{"output":')],
]

test.each(
  bad.flatMap(([name, reply]) => [
    ['status', name, reply] as const,
    ['result', name, reply] as const,
  ]),
)('rule 30: a %s that is %s is asked for again', async (part, _name, reply) => {
  const { clock, ask, asked } = await against({
    [part]: (answer: Answer, count: number, request: ReceivedRequest) =>
      (count <= 4 ? reply : good[part])(answer, count, request),
  })
  expect(await answerOf(clock, ask())).toBe('paid for')
  expect(asked).toMatchObject({ submit: 1, [part]: 5, cancel: 0 })
})

test('a status that is JSON, but none, is asked for again', async () => {
  const none = [null, 1, 'COMPLETED', [], {}, { detail: 'x' }, { status: 'FAILED' }, { status: 5 }]
  const { clock, ask, asked } = await against({
    status: (answer, count, request) =>
      (count <= none.length ? say(none[count - 1]) : good.status)(answer, count, request),
  })
  expect(await answerOf(clock, ask())).toBe('paid for')
  expect(asked.status).toBe(none.length + 1)
})

test.each(
  [1_000, 30_000, 300_000].flatMap((outageMs) =>
    (['reset', 500, 502, 503, 504] as const).map((how) => [how, outageMs] as const),
  ),
)('rule 30: %s from every GET for %i ms loses nothing', async (how, outageMs) => {
  let endsAt = Infinity
  const orDown =
    (up: Reply): Reply =>
    (answer, count, request) => {
      if (clock.now() >= endsAt) return up(answer, count, request)
      if (how === 'reset') answer.reset()
      else answer.head(how, html).write('<h1>down</h1>').end()
    }
  const { clock, ask, asked } = await against({
    stream: orDown(good.stream),
    status: orDown(good.status),
    result: orDown(good.result),
  })
  endsAt = clock.now() + outageMs
  expect(await answerOf(clock, ask({ follow: 'auto' }))).toBe('paid for')
  expect(asked.submit).toBe(1)
  // Questions become seldom: an outage is no reason to hammer.
  expect(asked.status).toBeLessThan(12 + outageMs / 7_000)
})

test.each([
  ['refused by a gateway', 'provider', (answer: Answer) => answer.head(502, html).end()],
  ['garbled', 'provider', (answer: Answer) => answer.head(200, json).write('{').end()],
  ['cut', 'network', (answer: Answer) => answer.reset()],
  ['silent', 'network', () => {}],
  ['out of memory', 'provider', (answer: Answer) => answer.head(503).end()],
] as const)(
  'when patience is over, a fal that is %s ends as %s: retryable, and with the id of the job',
  async (_name, code, reply) => {
    const { clock, ask, asked } = await against({ status: reply })
    const run = ask({ patienceMs: 60_000 })
    const tookMs = await drive(clock, run)
    expect(tookMs).toBeGreaterThan(40_000)
    expect(tookMs).toBeLessThan(66_000)
    const error = await failureOf(clock, run)
    expect(error).toMatchObject({ code, retryable: true, requestId, endpoint })
    expect(error.message).toContain(requestId)
    expect(asked).toMatchObject({ submit: 1, cancel: 0 })
  },
)

test('patience is ten minutes unless said otherwise, and one hanging request is far from it', async () => {
  const { clock, ask, asked } = await against({ status: () => {} })
  const tookMs = await drive(clock, ask(), 1_000)
  expect(tookMs).toBeGreaterThan(570_000)
  expect(tookMs).toBeLessThan(606_000)
  // Five seconds each, and pauses of up to fifteen.
  expect(asked.status).toBeGreaterThan(tookMs / 21_000)
})

test('patienceMs: Infinity follows a job for hours, and gives up when fal has no result any more', async () => {
  let endsAt = 0
  const { clock, llm, asked } = await against({
    status: (answer, count, request) =>
      clock.now() < endsAt ? answer.head(503).end() : good.status(answer, count, request),
    result: (answer) => answer.head(502, html).end(),
  })
  endsAt = clock.now() + 3 * 3_600_000
  const run = llm.attach(job, { patienceMs: Infinity, follow: 'poll' })
  const tookMs = await drive(clock, run, 5_000)
  expect(tookMs).toBeGreaterThan(3.9 * 3_600_000)
  expect(tookMs).toBeLessThan(4.1 * 3_600_000)
  expect(await failureOf(clock, run)).toMatchObject({ code: 'provider', retryable: true })
  expect(asked.result).toBeGreaterThan(100)
})

test.each([Number.NaN, -1, '60000', null, {}])(
  'patienceMs: %j is refused before anything is sent',
  async (patienceMs) => {
    const { clock, ask, llm, server } = await against({})
    const expected = { code: 'invalid-input', issues: [{ path: 'patienceMs' }] }
    expect(await failureOf(clock, ask({ patienceMs }))).toMatchObject(expected)
    // What the type system refuses is what JavaScript callers send.
    const attached = llm.attach(job, { patienceMs: patienceMs as number })
    expect(await failureOf(clock, attached)).toMatchObject(expected)
    expect(server.requests).toHaveLength(0)
  },
)

test('a status stream that speaks starts patience anew', async () => {
  const { clock, ask } = await against({
    stream(answer) {
      answer.head().write(event(inQueue))
      const speak = (position: number): void => {
        if (position === 0) return void answer.write(event(completed))
        answer.write(event({ ...inQueue, queue_position: position }))
        clock.setTimer(() => speak(position - 1), 10_000)
      }
      speak(5)
    },
    result: (answer, count, request) =>
      count <= 3 ? answer.reset() : good.result(answer, count, request),
  })
  expect(await answerOf(clock, ask({ follow: 'auto', patienceMs: 20_000 }))).toBe('paid for')
})

test('a status stream that is always cut is joined again three times, then the job is polled', async () => {
  for (const follow of ['auto', 'stream']) {
    const { clock, ask, asked } = await against({
      stream: (answer) => answer.head().write(event(inProgress)).end(),
      status: (answer, count, request) =>
        (count <= 10 ? say(inProgress, 202) : good.status)(answer, count, request),
    })
    expect(await answerOf(clock, ask({ follow }))).toBe('paid for')
    expect([asked.stream, asked.status]).toEqual([4, 11])
  }
})

test("follow: 'stream' joins a stream that is refused again until fal has it", async () => {
  const { clock, ask, asked } = await against({
    stream: (answer, count) =>
      count <= 5 ? answer.head(502, html).end() : answer.head().write(event(completed)).end(),
  })
  expect(await answerOf(clock, ask({ follow: 'stream' }))).toBe('paid for')
  expect([asked.stream, asked.status]).toEqual([6, 0])
})

test('idleMs is heard: a status stream that is silent for so long is asked behind its back', async () => {
  const { clock, ask, asked } = await against({
    stream: (answer) => void answer.head().write(event(inProgress)),
  })
  const tookMs = drive(clock, ask({ follow: 'auto', timeouts: { idleMs: 2_000 } }), 100)
  expect(await tookMs).toBeLessThan(3_000)
  expect([asked.stream, asked.status]).toEqual([1, 1])
})

test('rule 30: a status never goes backwards, whatever fal and the network say', async () => {
  const ranks = { IN_QUEUE: 0, IN_PROGRESS: 1, COMPLETED: 2 } as const
  const statusOf = fc.constantFrom(inQueue, inProgress, { status: 'NEW' }, {}, null, '<html>')
  await fc.assert(
    fc.asyncProperty(fc.array(statusOf, { maxLength: 6 }), fc.nat(3), async (said, streamed) => {
      const { clock, ask } = await against({
        stream(answer) {
          answer.head()
          for (const status of said.slice(0, streamed)) answer.write(event(Object(status)))
          answer.end()
        },
        status: (answer, count, request) => {
          const status = said[streamed + count - 1]
          if (status === undefined) return good.status(answer, count, request)
          answer.head(200, json).write(JSON.stringify(status)).end()
        },
      })
      const run = ask({ follow: 'auto' })
      const events = collect(run)
      expect(await answerOf(clock, run)).toBe('paid for')
      const heard = (await events).flatMap((one) =>
        one.type === 'queue-update' ? [ranks[one.status]] : [],
      )
      expect(heard).toEqual(heard.toSorted())
      expect(heard.at(-1)).toBe(2)
    }),
    { numRuns: 25 },
  )
}, 20_000)

test('a job that fal does not know yet is asked for again, by whoever follows it in this client', async () => {
  const late: Reply = (answer, count, request) =>
    (count <= 3 ? say({ status: 'NOT_FOUND' }, 404) : good.status)(answer, count, request)
  const first = await against({ status: late })
  expect(await answerOf(first.clock, first.ask())).toBe('paid for')
  const second = await against({ status: late })
  const submitted = await second.llm.submit({ endpoint, prompt: 'Hi' })
  const run = second.llm.attach({ endpoint, requestId: submitted.requestId }, { follow: 'poll' })
  expect(await answerOf(second.clock, run)).toBe('paid for')
})

test('a job that was known is not given up for one 404', async () => {
  const { clock, ask } = await against({
    status: (answer, count, request) =>
      (count === 1 ? say(inProgress, 202) : good.status)(answer, count, request),
    result: (answer, count, request) =>
      (count <= 2 ? say({ status: 'NOT_FOUND' }, 404) : good.result)(answer, count, request),
  })
  expect(await answerOf(clock, ask())).toBe('paid for')
})

test('a job of somebody else that fal does not know is not found, at once', async () => {
  const { clock, llm, server } = await against({ status: say({ status: 'NOT_FOUND' }, 404) })
  const error = await failureOf(clock, llm.attach(job, { follow: 'poll' }))
  expect(error).toMatchObject({ code: 'not-found', requestId })
  expect(server.requests).toHaveLength(1)
})

test.each<[string, Reply, object]>([
  [
    'a refused prompt',
    say(
      { detail: [{ loc: ['body', 'prompt'], msg: 'flagged', type: 'content_policy_violation' }] },
      422,
    ),
    { code: 'content-policy', status: 422 },
  ],
  ['a wrong key', say({ detail: 'No user found' }, 401), { code: 'auth', status: 401 }],
  ['an empty account', say({ detail: 'Exhausted balance' }, 403), { code: 'forbidden' }],
  [
    'a cancelled job',
    say({ detail: '', error_type: 'client_cancelled' }, 499),
    { code: 'cancelled' },
  ],
])('what fal says about the job is final: %s', async (_name, reply, expected) => {
  const { clock, ask, asked } = await against({ result: reply })
  expect(await failureOf(clock, ask())).toMatchObject({ ...expected, requestId })
  expect(asked.result).toBe(1)
})

test('a failure by one of fal’s types, which the status did not mention, is believed when said three times', async () => {
  const reply = say({ detail: 'Runner disconnected', error_type: 'runner_disconnected' }, 503)
  const { clock, ask, asked } = await against({ result: reply })
  expect(await failureOf(clock, ask())).toMatchObject({
    code: 'overloaded',
    message: 'Runner disconnected',
  })
  expect(asked.result).toBe(3)
  const once = await against({
    result: (answer, count, request) => (count === 1 ? reply : good.result)(answer, count, request),
  })
  expect(await answerOf(once.clock, once.ask())).toBe('paid for')
})

const failed = { ...completed, error: 'Request timed out', error_type: 'request_timeout' }
test.each<[string, Reply]>([
  ['empty', (answer) => answer.head(200, json).end()],
  ['an empty object', say({})],
  ['null', say(null)],
  ['a page of HTML', (answer) => answer.head(502, html).write('<html>').end()],
  ['never there', (answer) => answer.reset()],
])(
  'COMPLETED with an error, its result %s: the job failed as its status says',
  async (_name, reply) => {
    const { clock, ask } = await against({ status: say(failed), result: reply })
    expect(await failureOf(clock, ask())).toMatchObject({
      code: 'timeout',
      message: 'Request timed out',
      requestId,
    })
  },
)

test.each(['status', 'result'] as const)(
  'Retry-After at %s is never undercut; one beyond patience surfaces at once',
  async (part) => {
    const { clock, ask, asked } = await against({
      [part]: (answer: Answer, count: number, request: ReceivedRequest) =>
        count === 1
          ? answer.head(503, { 'retry-after': '90' }).end()
          : good[part](answer, count, request),
    })
    const run = ask()
    expect(await drive(clock, run)).toBeGreaterThanOrEqual(90_000)
    expect(asked[part]).toBe(2)
    const later = await against({
      [part]: (answer: Answer) => answer.head(429, { 'retry-after': '3600' }).end(),
    })
    expect(await failureOf(later.clock, later.ask())).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 3_600_000,
      requestId,
    })
    expect(later.asked[part]).toBe(1)
  },
)

test('a large result over a slow line gets more time each time it took too long', async () => {
  const { clock, ask, asked } = await against({
    result(answer) {
      answer.head(200, json).write('{"output":')
      clock.setTimer(() => answer.write('"paid for"}').end(), 18_000)
    },
  })
  expect(await answerOf(clock, ask())).toBe('paid for')
  expect(asked.result).toBe(3)
})

test.each([-3_600_000, -60_000, 60_000, 3_600_000])(
  'rule 29: a clock that is set by %i ms changes no wait',
  async (byMs) => {
    const manual = createManualClock()
    let offset = 0
    const clock = {
      now: () => manual.now() + offset,
      elapsed: () => manual.now(),
      setTimer: manual.setTimer,
    }
    const { ask, asked } = await against({ status: () => {} }, { clock })
    const run = ask({ patienceMs: 60_000 })
    manual.setTimer(() => (offset = byMs), 20_000)
    const tookMs = await drive(manual, run)
    expect(tookMs).toBeGreaterThan(40_000)
    expect(tookMs).toBeLessThan(66_000)
    expect(asked.submit).toBe(1)
  },
)

test('rule 3: a stop in a pause, in a question and in a body settles at once, with one cancel', async () => {
  const stalls: Reply[] = [
    (answer) => answer.head(503).end(),
    () => {},
    (answer) => void answer.head(200, json).write('{'),
  ]
  for (const status of stalls) {
    const { server, ask, asked } = await against({ status })
    const run = ask()
    await server.request(2)
    await settled(40)
    await run.stop()
    await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'aborted', requestId })
    await until(() => asked.cancel > 0)
    expect(asked).toMatchObject({ submit: 1, status: 1, cancel: 1 })
  }
})
