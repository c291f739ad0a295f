// The fault matrix of a stream: what can go wrong, where, and what a caller hears of it.

import { gzipSync } from 'node:zlib'
import {
  createManualClock,
  settled,
  snapshotFrame,
  snapshotStream,
  startByteServer,
} from '@fal-llm/testkit'
import type { Answer, ByteServer, ReceivedRequest } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import { FalLlmError } from '../errors.ts'
import type { GenerationResult } from '../events.ts'
import type { GenerationRun } from '../generate/run.ts'

/** 50 ms, and room for a machine that is busy with other tests. */
const settlesWithinMs = 400

const servers: ByteServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const model = 'google/gemini-2.5-flash'
const encoder = new TextEncoder()
type Script = (answer: Answer, request: ReceivedRequest, count: number) => void

async function against(script: Script) {
  const server = await startByteServer(script)
  servers.push(server)
  const clock = createManualClock()
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret', clock })
  const ask = (options: object = {}): GenerationRun =>
    llm.generate({ model, prompt: 'Hi', ...options })
  return { server, clock, ask }
}
async function outcomeOf(
  run: PromiseLike<GenerationResult>,
): Promise<{ text: string; code: string }> {
  try {
    const { text } = await run
    return { text, code: 'done' }
  } catch (error) {
    if (!(error instanceof FalLlmError)) throw error
    return { text: error.partial?.text ?? '', code: error.code }
  }
}

const whole = encoder.encode(snapshotStream(['Hé', 'Héllo 👋', 'Héllo 👋, there']))
const eventEnds = [...new TextDecoder().decode(whole).matchAll(/\r\n\r\n/g)].map(
  (match) => encoder.encode(new TextDecoder().decode(whole).slice(0, match.index + 4)).length,
)
const inCharacter = whole.indexOf(0xf0) + 2

test.each([
  ['after the head', 0],
  ['after the first event', eventEnds[0] ?? 0],
  ['after the third event', eventEnds[2] ?? 0],
  ['inside an event', (eventEnds[0] ?? 0) + 20],
  ['inside a character', inCharacter],
  ['before the last line end', whole.length - 2],
])('rule 2: a stall %s is a timeout, with the words so far', async (_name, offset) => {
  const { clock, ask } = await against(
    (answer) => void answer.head().write(whole.subarray(0, offset)),
  )
  const outcome = outcomeOf(ask())
  await clock.untilTimer((delayMs) => delayMs === 60_000)
  await settled(20)
  clock.advance(60_000)
  await settled(20)
  clock.advance(30_000)
  const { text, code } = await outcome
  expect(code).toBe('timeout')
  expect('Héllo 👋, there'.startsWith(text)).toBe(true)
})

test('rule 6: a CR ends its line: an answer is complete without the LF that follows its last one', async () => {
  const { ask } = await against((answer) => void answer.head().write(whole.subarray(0, -1)))
  expect(await outcomeOf(ask())).toEqual({ text: 'Héllo 👋, there', code: 'done' })
})

test('rule 2: no answer at all, and half a head, are timeouts that may have been accepted', async () => {
  const { clock, ask } = await against(() => {})
  const run = ask()
  await clock.untilTimer((delayMs) => delayMs === 30_000)
  clock.advance(30_000)
  await expect(Promise.resolve(run)).rejects.toMatchObject({
    code: 'timeout',
    maybeSubmitted: true,
  })
})

test('rule 2: slow but alive is no stall', async () => {
  let next = (): void => {}
  const pieces = [0, ...eventEnds].map((end, index, ends) =>
    whole.subarray(ends[index - 1] ?? 0, end),
  )
  const { clock, ask } = await against((answer) => {
    answer.head()
    next = () => void answer.write(pieces.shift() ?? new Uint8Array())
  })
  const outcome = outcomeOf(ask({ timeouts: { firstTokenMs: 0 } }))
  await settled(20)
  while (pieces.length > 0) {
    next()
    await settled(20)
    clock.advance(29_000)
  }
  expect(await outcome).toEqual({ text: 'Héllo 👋, there', code: 'done' })
})

const sse = { 'content-type': 'text/event-stream' }
const json = { 'content-type': 'application/json' }
test.each<[string, string, Script]>([
  [
    'JSON instead of events',
    'done',
    (answer) => answer.head(200, json).write('{"output":"x"}').end(),
  ],
  ['half JSON', 'provider', (answer) => answer.head(200, json).write('{"output":').end()],
  [
    'a page of HTML',
    'provider',
    (answer) => answer.head(200, { 'content-type': 'text/html' }).write('<html>').end(),
  ],
  ['204', 'provider', (answer) => answer.head(204, {}).end()],
  ['an empty stream', 'interrupted', (answer) => answer.head().end()],
  ['comments only', 'interrupted', (answer) => answer.head().write(': ping\n\n').end()],
  [
    'an event that is no JSON',
    'provider',
    (answer) => answer.head().write('data: {oops\n\n').end(),
  ],
  [
    'an error in an event',
    'provider',
    (answer) =>
      answer
        .head()
        .write(snapshotFrame({ output: '', partial: false, error: 'no' }))
        .end(),
  ],
  [
    'an event named error',
    'rate-limited',
    (answer) =>
      answer
        .head()
        .write('event: error\ndata: {"error":{"code":429,"message":"slow down"}}\n\n')
        .end(),
  ],
  [
    'an event named error with detail',
    'provider',
    (answer) => answer.head().write('event: error\ndata: {"detail":"gone"}\n\n').end(),
  ],
  [
    'bytes that are no gzip',
    'network',
    (answer) =>
      answer
        .head(200, { ...sse, 'content-encoding': 'gzip' })
        .write('not gzip')
        .end(),
  ],
])('%s has one documented code: %s', async (_name, code, script) => {
  const { ask } = await against(script)
  const outcome = await outcomeOf(ask())
  // A body that cannot be decoded breaks the connection, at the head or after it.
  expect(code === 'network' ? ['network', 'interrupted'] : [code]).toContain(outcome.code)
})

test('a compressed stream reads as any other', async () => {
  const { ask } = await against((answer) =>
    answer
      .head(200, { ...sse, 'content-encoding': 'gzip' })
      .write(gzipSync(whole))
      .end(),
  )
  expect(await outcomeOf(ask())).toEqual({ text: 'Héllo 👋, there', code: 'done' })
})

test('bytes that are no UTF-8 become the replacement character, as browsers do it', async () => {
  const bytes = encoder.encode(snapshotStream(['a?b']))
  bytes.forEach((byte, at) => {
    if (byte === 63) bytes[at] = 0xff
  })
  const { ask } = await against((answer) => answer.head().write(bytes).end())
  expect(await outcomeOf(ask())).toEqual({ text: 'a\ufffdb', code: 'done' })
})

const bodies: readonly (readonly [Record<string, string>, string | Uint8Array])[] = [
  [json, '{"detail":"as fal says"}'],
  [json, '{"detail":[{"loc":["body","prompt"],"msg":"as fal says","type":"missing"}]}'],
  [{ 'content-type': 'text/html' }, '<html>'],
  [{}, ''],
  [json, Uint8Array.of(0xff, 0xfe, 0x00)],
  [json, `{"detail":"${'x'.repeat(200_000)}"}`],
]
test.each([400, 401, 403, 404, 409, 422, 500, 502, 504, 418])(
  'HTTP %i with every kind of body is a FalLlmError with the status and a readable message',
  async (status) => {
    for (const [headers, body] of bodies) {
      for (const mode of ['stream', 'run'] as const) {
        const { ask } = await against((answer) => answer.head(status, headers).write(body).end())
        const error = await Promise.resolve(ask({ mode })).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(FalLlmError)
        expect(error).toMatchObject({
          status,
          requestId: 'request-1',
          endpoint: 'openrouter/router',
        })
        // The type was asserted above.
        const { message } = error as FalLlmError
        if (typeof body === 'string' && body.includes('as fal says'))
          expect(message).toContain('as fal says')
        expect(message.length).toBeGreaterThan(0)
        expect(message.length).toBeLessThan(70_000)
      }
    }
  },
)

type Stage = [
  string,
  Script,
  (parts: Awaited<ReturnType<typeof against>>, run: GenerationRun) => Promise<unknown>,
]
test.each<Stage>([
  ['in the same tick', () => {}, async () => {}],
  ['while connecting', () => {}, ({ server }) => server.request(1)],
  [
    'after the head',
    (answer) => void answer.head(),
    async ({ server }) => server.request(1).then(() => settled(20)),
  ],
  [
    'after an event',
    (answer) => void answer.head().write(whole.subarray(0, eventEnds[0])),
    (_parts, run) =>
      run[Symbol.asyncIterator]()
        .next()
        .then(() => settled(20)),
  ],
  [
    'in a backoff',
    (answer) => answer.head(503).end(),
    ({ clock }) => clock.untilTimer((delayMs) => delayMs < 1_000),
  ],
  [
    'in a Retry-After wait',
    (answer) => answer.head(429, { 'retry-after': '20' }).end(),
    ({ clock }) => clock.untilTimer((delayMs) => delayMs >= 20_000 && delayMs < 30_000),
  ],
])(
  'rule 3: an abort %s settles within 50 ms, and nothing more is sent',
  async (_name, script, reach) => {
    const parts = await against(script)
    const control = new AbortController()
    const run = parts.ask({ signal: control.signal })
    await reach(parts, run)
    const sent = parts.server.requests.length
    const before = performance.now()
    control.abort()
    control.abort()
    const { code } = await outcomeOf(run)
    expect(performance.now() - before).toBeLessThan(settlesWithinMs)
    expect(code).toBe('aborted')
    await run.stop()
    await Promise.all(
      parts.server.requests.map(({ closed }) =>
        script.length > 0 && sent > 0 ? undefined : closed,
      ),
    )
    await settled(20)
    expect(parts.server.requests.length).toBe(sent)
  },
)

test('a stop after the end changes nothing', async () => {
  const { ask } = await against((answer) => answer.head().write(whole).end())
  const run = ask()
  await run
  await run.stop()
  run.detach()
  expect((await run).text).toBe('Héllo 👋, there')
})

test('large and many: 10 MB in one event, 4 MB in small writes, 20,000 events', async () => {
  const long = 'x'.repeat(10_000_000)
  const first = await against((answer) =>
    answer
      .head()
      .write(snapshotFrame({ output: long, partial: false }))
      .end(),
  )
  expect((await outcomeOf(first.ask())).text.length).toBe(long.length)
  const bytes = encoder.encode(snapshotFrame({ output: 'é'.repeat(2_000_000), partial: false }))
  const second = await against((answer) => {
    answer.head()
    for (let at = 0; at < bytes.length; at += 256) answer.write(bytes.subarray(at, at + 256))
    answer.end()
  })
  expect((await outcomeOf(second.ask())).text).toBe('é'.repeat(2_000_000))
  const third = await against((answer) => {
    answer.head()
    const texts = Array.from({ length: 20_000 }, (_, index) =>
      String(index % 10).repeat(1 + (index % 3)),
    )
    answer.write(texts.map((output) => snapshotFrame({ output, partial: true })).join(''))
    answer.write(snapshotFrame({ output: 'the end', partial: false })).end()
  })
  expect(await outcomeOf(third.ask())).toEqual({ text: 'the end', code: 'done' })
}, 20_000)

test('rule 1: random texts, framings and endings over a socket are whole, interrupted, or an error', async () => {
  const { ask } = await against((answer, request) => {
    const { texts, lineEnd, eventName, keep, ending } = JSON.parse(JSON.parse(request.body).prompt)
    const bytes = encoder.encode(snapshotStream(texts, { lineEnd, eventName }))
    answer.head().write(bytes.subarray(0, Math.floor(bytes.length * keep)))
    setImmediate(() => (ending === 'reset' ? answer.reset() : answer.end()))
  })
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        texts: fc
          .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), {
            minLength: 1,
            maxLength: 5,
          })
          .map((pieces) => pieces.map((_, index) => pieces.slice(0, index + 1).join(''))),
        lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
        eventName: fc.boolean(),
        keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
        ending: fc.constantFrom('end', 'reset'),
      }),
      async (plan) => {
        const { text, code } = await outcomeOf(ask({ prompt: JSON.stringify(plan) }))
        const full = plan.texts.at(-1) ?? ''
        expect(full.startsWith(text)).toBe(true)
        expect(['done', 'interrupted', 'network']).toContain(code)
        if (code === 'done') expect(text).toBe(full)
        if (plan.keep === 1 && plan.ending === 'end') expect(code).toBe('done')
      },
    ),
    { numRuns: 300 },
  )
}, 30_000)
