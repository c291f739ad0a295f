import { createManualClock, snapshotFrame, snapshotStream, startByteServer } from '@fal-llm/testkit'
import type { Answer, ByteServer, ReceivedRequest } from '@fal-llm/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { createFalLlm } from './create-fal-llm.ts'
import type { FalLlmOptions } from './generate/fal-llm.ts'
import { FalLlmError } from './errors.ts'
import type { GenerationEvent } from './events.ts'
import type { GenerationRun } from './generate/run.ts'

const key = 'key-id-123:key-secret-456'
const model = 'google/gemini-2.5-flash'
const servers: ByteServer[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Script = (answer: Answer, request: ReceivedRequest, count: number) => void | Promise<void>

/** A client whose fal is a script of bytes. */
async function against(script: Script, options: FalLlmOptions = {}) {
  const server = await startByteServer(script)
  servers.push(server)
  const clock = createManualClock()
  const llm = createFalLlm({ baseUrl: server.url, credentials: key, clock, ...options })
  return { server, llm, clock }
}
const failureOf = (run: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(run).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
async function firstWord(run: GenerationRun): Promise<void> {
  const events = run[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await events.next()
    if (done || value.type === 'text-delta') return
  }
}

test('a streamed answer: one POST to …/stream with the wire input and the key', async () => {
  const { llm, server } = await against((answer) => {
    answer
      .head()
      .write(
        snapshotStream(
          ['Hel', 'Hello'],
          {},
          { usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3, cost: 0.5 } },
        ),
      )
      .end()
  })
  const run = llm.generate({ model, prompt: 'Hi', system: 'Be brief', params: { maxTokens: 9 } })
  const events: GenerationEvent[] = []
  for await (const event of run) events.push(event)
  expect(await run).toMatchObject({
    text: 'Hello',
    finishReason: 'stop',
    requestId: 'request-1',
    usage: { costUsd: 0.5, estimated: false },
  })
  expect(events[0]).toEqual({
    type: 'start',
    requestId: 'request-1',
    endpoint: 'openrouter/router',
    model,
    mode: 'stream',
  })
  expect(server.requests).toHaveLength(1)
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    path: '/fal.run/openrouter/router/stream',
    headers: { authorization: `Key ${key}`, 'content-type': 'application/json' },
  })
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    model,
    prompt: 'Hi',
    system_prompt: 'Be brief',
    max_tokens: 9,
  })
})

test('mode run: one POST, the whole answer at once', async () => {
  const { llm, server } = await against((answer) => {
    answer
      .head(200, { 'content-type': 'application/json' })
      .write('{"output":"Growth\\n","partial":false,"error":null}')
      .end()
  })
  const result = await llm.generate({
    endpoint: 'fal-ai/any-llm/enterprise',
    prompt: 'Hi',
    mode: 'run',
  })
  expect(result).toMatchObject({ text: 'Growth\n', finishReason: 'stop', model: undefined })
  expect(server.requests[0]?.path).toBe('/fal.run/fal-ai/any-llm/enterprise')
})

test('a stream endpoint that answers with JSON is read as one answer', async () => {
  const { llm } = await against((answer) => {
    answer.head(200, { 'content-type': 'application/json' }).write('{"output":"all of it"}').end()
  })
  expect((await llm.generate({ model, prompt: 'Hi' })).text).toBe('all of it')
})

test('rule 1: a stream cut at any byte is whole or interrupted with the text so far', async () => {
  const whole = new TextEncoder().encode(snapshotStream(['Hé', 'Héllo 👋'], { eventName: false }))
  const offsets = Array.from({ length: Math.ceil(whole.length / 3) }, (_, index) => index * 3)
  for (const ending of ['end', 'reset'] as const) {
    const { llm } = await against((answer, request) => {
      const offset = Number(JSON.parse(request.body).prompt)
      answer.head().write(whole.subarray(0, offset))
      setImmediate(() => answer[ending]())
    })
    for (const offset of offsets) {
      const run = llm.generate({ model, prompt: String(offset) })
      const outcome = await Promise.resolve(run).then(
        (result) => ({ text: result.text, complete: true }),
        (error: FalLlmError) => ({
          text: error.partial?.text ?? '',
          complete: false,
          code: error.code,
        }),
      )
      if (outcome.complete) expect(outcome.text).toBe('Héllo 👋')
      else expect(outcome).toMatchObject({ code: expect.stringMatching(/interrupted|network/) })
      expect('Héllo 👋'.startsWith(outcome.text)).toBe(true)
    }
  }
})

test('rule 2: a server that stops in the middle is a timeout, with the words so far', async () => {
  const { llm, clock } = await against((answer) => {
    answer.head().write(snapshotFrame({ output: 'half', partial: true }))
  })
  const run = llm.generate({ model, prompt: 'Hi' })
  await firstWord(run)
  clock.advance(30_000)
  expect(await failureOf(run)).toMatchObject({ code: 'timeout', partial: { text: 'half' } })
})

test('rule 2: heartbeats do not keep a dead answer alive', async () => {
  const { llm, clock, server } = await against((answer) => {
    answer.head()
    const beat = setInterval(() => answer.write(': ping\n\n'), 1)
    void server.requests[0]?.closed.then(() => clearInterval(beat))
  })
  const run = llm.generate({ model, prompt: 'Hi' })
  await clock.untilTimer((delayMs) => delayMs === 60_000)
  clock.advance(60_000)
  expect(await failureOf(run)).toMatchObject({ code: 'timeout' })
})

test('rule 3: a stop closes the socket', async () => {
  const { llm, server } = await against((answer) => {
    answer.head().write(snapshotFrame({ output: 'a', partial: true }))
  })
  const run = llm.generate({ model, prompt: 'Hi' })
  await firstWord(run)
  await run.stop()
  await (
    await server.request(1)
  ).closed
  expect(await failureOf(run)).toMatchObject({ code: 'aborted', partial: { text: 'a' } })
})

test('rule 3: a signal that is already aborted sends nothing', async () => {
  const { llm, server } = await against((answer) => answer.end())
  const run = llm.generate({ model, prompt: 'Hi', signal: AbortSignal.abort() })
  expect(await failureOf(run)).toMatchObject({ code: 'aborted' })
  expect(server.requests).toHaveLength(0)
})

test('rule 10: 429 and 503 are sent again after Retry-After, three times at most', async () => {
  const { llm, server, clock } = await against((answer, _request, count) => {
    if (count < 3) answer.head(count === 1 ? 429 : 503, { 'retry-after': '7' }).end()
    else
      answer
        .head()
        .write(snapshotStream(['ok']))
        .end()
  })
  const run = llm.generate({ model, prompt: 'Hi' })
  for (let count = 1; count < 3; count++) {
    const delayMs = await clock.untilTimer((wait) => wait >= 7_000 && wait < 30_000)
    expect(server.requests).toHaveLength(count)
    clock.advance(delayMs)
  }
  expect((await run).text).toBe('ok')
  expect(server.requests).toHaveLength(3)
})

test('rule 10: a Retry-After of more than a minute surfaces instead of waiting', async () => {
  const { llm, server } = await against((answer) =>
    answer.head(429, { 'retry-after': '3600' }).end(),
  )
  const error = await failureOf(llm.generate({ model, prompt: 'Hi' }))
  expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: 3_600_000 })
  expect(server.requests).toHaveLength(1)
})

test('rule 10: retry: false means one request', async () => {
  const { llm, server } = await against((answer) => answer.head(503).end(), { retry: false })
  expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject({
    code: 'overloaded',
  })
  expect(server.requests).toHaveLength(1)
})

test.each([
  ['a reset before any answer', (answer: Answer) => answer.reset()],
  ['502', (answer: Answer) => answer.head(502).end()],
  ['504', (answer: Answer) => answer.head(504).end()],
])(
  'rule 10: after %s the call may have been accepted: it is not repeated, and says so',
  async (_name, script) => {
    const { llm, server } = await against(script)
    const error = await failureOf(llm.generate({ model, prompt: 'Hi' }))
    expect(error.maybeSubmitted).toBe(true)
    expect(server.requests).toHaveLength(1)
  },
)

test('rule 10: a refused connection was never accepted: it is tried again, then named', async () => {
  const { llm, server, clock } = await against((answer) => answer.end())
  await server.close()
  const run = llm.generate({ model, prompt: 'Hi' })
  for (let count = 0; count < 2; count++) {
    clock.advance(await clock.untilTimer((delayMs) => delayMs <= 8_000))
  }
  expect(await failureOf(run)).toMatchObject({
    code: 'network',
    maybeSubmitted: false,
    retryable: true,
  })
})

test('rule 10: a hundred calls to a failing server are at most 150 requests', async () => {
  const clock = createManualClock()
  const { llm, server } = await against((answer) => answer.head(503).end(), {
    clock: {
      now: clock.now,
      setTimer: (callback, delayMs) => (delayMs < 10_000 ? instantly(callback) : () => {}),
    },
  })
  for (let count = 0; count < 100; count++) await failureOf(llm.generate({ model, prompt: 'Hi' }))
  expect(server.requests.length).toBeGreaterThan(100)
  expect(server.requests.length).toBeLessThanOrEqual(150)
})
function instantly(callback: () => void): () => void {
  const timer = setImmediate(callback)
  return () => clearImmediate(timer)
}

test('retry options: undefined is the default, Infinity no limit, and what is no number is refused', async () => {
  for (const [name, value] of [
    ['attempts', 0],
    ['attempts', Number.NaN],
    ['attempts', '3'],
    ['baseDelayMs', -1],
    ['maxDelayMs', Number.NaN],
  ]) {
    const { llm, server } = await against((answer) => answer.end(), {
      retry: { [String(name)]: value },
    })
    for (const mode of ['stream', 'queue'] as const) {
      expect(await failureOf(llm.generate({ model, prompt: 'Hi', mode }))).toMatchObject({
        code: 'invalid-input',
        issues: [{ path: `retry.${name}` }],
      })
    }
    expect(server.requests).toHaveLength(0)
  }
  const usual = { attempts: undefined, baseDelayMs: undefined, maxDelayMs: Infinity }
  const { llm, server, clock } = await against((answer) => answer.head(503).end(), { retry: usual })
  const failing = failureOf(llm.generate({ model, prompt: 'Hi' }))
  for (let count = 0; count < 2; count++) {
    clock.advance(await clock.untilTimer((delayMs) => delayMs <= 1_000))
  }
  expect((await failing).code).toBe('overloaded')
  expect(server.requests).toHaveLength(3)
})

test('a time-out that is no duration is refused by every call, and nothing is sent', async () => {
  const timeouts = { idleMs: Number.NaN }
  const { llm, server } = await against((answer) => answer.end(), { timeouts })
  const refused = { code: 'invalid-input', issues: [{ path: 'timeouts.idleMs' }] }
  const job = { endpoint: 'openrouter/router', requestId: 'R' } as const
  expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject(refused)
  expect(await failureOf(llm.submit({ model, prompt: 'Hi' }))).toMatchObject(refused)
  expect(await failureOf(llm.attach(job))).toMatchObject(refused)
  expect(await failureOf(llm.cancel(job))).toMatchObject(refused)
  expect(await failureOf(llm.upload(new Blob(['x'])))).toMatchObject(refused)
  const { llm: other } = await against((answer) => answer.end())
  expect(await failureOf(other.generate({ model, prompt: 'Hi', timeouts }))).toMatchObject(refused)
  expect(await failureOf(other.submit({ model, prompt: 'Hi', timeouts }))).toMatchObject(refused)
  expect(await failureOf(other.attach(job, { timeouts }))).toMatchObject(refused)
  expect(server.requests).toHaveLength(0)
})

test.each(['x-fal-needs-retry', 'x-fal-retryable'])(
  '%s is obeyed on 429 and 503',
  async (header) => {
    for (const status of [429, 503]) {
      for (const value of ['0', 'false', 'False']) {
        const { llm, server } = await against((answer) =>
          answer.head(status, { [header]: value }).end(),
        )
        expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject({
          status,
          retryable: false,
        })
        expect(server.requests).toHaveLength(1)
      }
    }
  },
)

test('a dated Retry-After is held against the date of its answer, not against our clock', async () => {
  const { llm } = await against((answer) =>
    answer
      .head(429, {
        date: 'Fri, 20 Nov 2020 00:00:00 GMT',
        'retry-after': 'Fri, 20 Nov 2020 00:02:00 GMT',
      })
      .end(),
  )
  expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject({
    code: 'rate-limited',
    retryAfterMs: 120_000,
  })
})

test('a media type is read without regard to case', async () => {
  for (const type of ['Text/Event-Stream', 'TEXT/EVENT-STREAM; charset=UTF-8']) {
    const { llm } = await against((answer) =>
      answer
        .head(200, { 'content-type': type })
        .write(snapshotStream(['ok']))
        .end(),
    )
    expect((await llm.generate({ model, prompt: 'Hi' })).text).toBe('ok')
  }
})

test('rule 12: the key is in no error, even when the server repeats it', async () => {
  const { llm } = await against((answer) => {
    answer
      .head(401, { 'content-type': 'application/json' })
      .write(JSON.stringify({ detail: `bad key ${key} / key-secret-456` }))
      .end()
  })
  const error = await failureOf(llm.generate({ model, prompt: 'my secret prompt' }))
  expect(error.code).toBe('auth')
  const everything = `${error.message} ${error.stack} ${JSON.stringify(error)}`
  for (const secret of [key, 'key-secret-456', 'my secret prompt'])
    expect(everything).not.toContain(secret)
})

test('rule 12: a redirect is not followed, so the key goes nowhere else', async () => {
  const { llm, server } = await against((answer) =>
    answer.head(307, { location: '/elsewhere' }).end(),
  )
  expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject({
    code: 'provider',
    status: 307,
  })
  expect(server.requests).toHaveLength(1)
})

test('rule 12: a raw key in a browser is refused before any request', async () => {
  vi.stubGlobal('document', {})
  const { llm, server } = await against((answer) => answer.end())
  const error = await failureOf(llm.generate({ model, prompt: 'Hi' }))
  vi.unstubAllGlobals()
  expect(error).toMatchObject({ code: 'auth', message: expect.stringContaining('proxyUrl') })
  expect(server.requests).toHaveLength(0)
})

test('without a key nothing is sent, and the error says where to put one', async () => {
  for (const name of ['FAL_KEY', 'FAL_KEY_ID', 'FAL_KEY_SECRET', 'FAL_BASE_URL'])
    vi.stubEnv(name, '')
  const send = vi.fn<typeof fetch>()
  const llm = createFalLlm({ fetch: send })
  expect(await failureOf(llm.generate({ model, prompt: 'Hi' }))).toMatchObject({
    code: 'auth',
    message: expect.stringContaining('FAL_KEY'),
  })
  expect(send).not.toHaveBeenCalled()
})

test('keys come from the environment, trimmed, or from a function asked per request', async () => {
  const { llm, server } = await against(
    (answer) =>
      answer
        .head()
        .write(snapshotStream(['ok']))
        .end(),
    { credentials: async () => ' a:b\n' },
  )
  await llm.generate({ model, prompt: 'Hi' })
  vi.stubEnv('FAL_KEY', '')
  vi.stubEnv('FAL_KEY_ID', 'id')
  vi.stubEnv('FAL_KEY_SECRET', 'secret')
  vi.stubEnv('FAL_BASE_URL', server.url)
  await createFalLlm().generate({ model, prompt: 'Hi' })
  expect(server.requests.map((request) => request.headers['authorization'])).toEqual([
    'Key a:b',
    'Key id:secret',
  ])
})

test('through a proxy the target travels in a header and no key travels at all', async () => {
  const { llm, server } = await against((answer) =>
    answer
      .head()
      .write(snapshotStream(['ok']))
      .end(),
  )
  const proxied = createFalLlm({ proxyUrl: `${server.url}/api/fal/proxy` })
  await proxied.generate({ model, prompt: 'Hi' })
  await llm.generate({ model, prompt: 'Hi' })
  expect(server.requests[0]).toMatchObject({
    path: '/api/fal/proxy',
    headers: { 'x-fal-target-url': 'https://fal.run/openrouter/router/stream' },
  })
  expect(server.requests[0]?.headers['authorization']).toBeUndefined()
})

test('rule 20: a wrong field is refused before any request, one issue per field', async () => {
  const { llm, server } = await against((answer) => answer.end())
  const params = { temperature: 3, maxTokens: 0.5 }
  const error = await failureOf(llm.generate({ model, prompt: 'Hi', params }))
  expect(error.code).toBe('invalid-input')
  expect(error.issues.map((issue) => issue.path).sort()).toEqual([
    'body.max_tokens',
    'body.temperature',
  ])
  expect(error.message).toContain('body.temperature: must be between 0 and 2')
  expect(server.requests).toHaveLength(0)
})

test('rule 21: misuse says what to do instead', async () => {
  const { llm, server } = await against((answer) => answer.end())
  const messageOf = async (request: object): Promise<string> =>
    // What the type system refuses is what JavaScript callers send.
    (await failureOf(llm.generate(request as Parameters<typeof llm.generate>[0]))).message
  expect(await messageOf({ endpoint: 'openrouter/ruter', prompt: 'Hi' })).toContain(
    'openrouter/router',
  )
  expect(
    await messageOf({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4', prompt: 'Hi' }),
  ).toContain('openai/gpt-4o')
  expect(
    await messageOf({ endpoint: 'fal-ai/any-llm/enterprise', prompt: 'Hi', mode: 'stream' }),
  ).toContain("mode: 'queue'")
  expect(await messageOf({ model, prompt: 'Hi', messages: [] })).toMatch(/prompt|messages/)
  expect(server.requests).toHaveLength(0)
})

test('an event that is not JSON, and a page of HTML, are provider errors', async () => {
  const { llm } = await against((answer, _request, count) => {
    if (count === 1) answer.head().write('data: {"output": oops\n\n').end()
    else answer.head(200, { 'content-type': 'text/html' }).write('<html>').end()
  })
  expect((await failureOf(llm.generate({ model, prompt: 'Hi' }))).code).toBe('provider')
  expect((await failureOf(llm.generate({ model, prompt: 'Hi' }))).code).toBe('provider')
})
